"""Fixtures that several test modules share."""

import contextlib

import numpy as np
import pytest
from PIL import Image

from ipcgan.data import images, synthetic


def pytest_terminal_summary(terminalreporter):
    """Says in the last lines that browser tests were left out, and why."""
    from helpers.browser import LEFT_OUT

    reasons = [
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, (tuple, list))
    ]
    left_out = [reason for reason in reasons if reason.startswith(LEFT_OUT)]
    if left_out:
        terminalreporter.write_line(
            f"{len(left_out)} browser tests were left out: {left_out[0]}", yellow=True
        )


@pytest.fixture(scope="session", autouse=True)
def float32_by_default():
    """Trainings in tests are alike on every machine, whatever is fast there."""
    from ipcgan.training import precision

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(precision, "bfloat16_is_faster", lambda: False)
        yield


@pytest.fixture(scope="session")
def face_folder(tmp_path_factory):
    """A folder of four drawn faces per age group, 32 pixels, named as in UTKFace.

    Read only: every test shares it.
    """
    folder = tmp_path_factory.mktemp("faces")
    synthetic.write_utkface_folder(folder, faces_per_group=4, size=32, seed=0)
    return folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """A checkpoint of a tiny generator of 16 pixels; read only."""
    from helpers import one_step

    from ipcgan import checkpoints

    folder = tmp_path_factory.mktemp("checkpoint")
    generator = one_step.ipcgan_networks()["generator"]
    checkpoints.save_weights(generator, folder, "generator")
    values = {"family": "ipcgan", "sizes": one_step.TINY_SIZES}
    checkpoints.write_json(folder / "config.json", values)
    return folder


@pytest.fixture(scope="session")
def age_cgan_folder(tmp_path_factory):
    """A checkpoint of a tiny Age-cGAN of 16 pixels and its six groups; read only."""
    from helpers import one_step

    from ipcgan import checkpoints
    from ipcgan.age_groups import AGE_CGAN

    folder = tmp_path_factory.mktemp("age_cgan")
    networks = one_step.age_cgan_networks(num_groups=6)
    for name in ("generator", "encoder"):
        checkpoints.save_weights(networks[name], folder, name)
    sizes = {**one_step.TINY_AGE_CGAN_SIZES, "num_groups": 6}
    values = {"family": "age_cgan", "sizes": sizes, "groups": list(AGE_CGAN.names)}
    checkpoints.write_json(folder / "config.json", values)
    return str(folder)


@pytest.fixture
def faces(tmp_path):
    """A folder of three faces of noise, with names as people give them."""
    folder = tmp_path / "faces"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name in ("anna.jpg", "Zoë Ångström 李.png", "three.four.bmp"):
        face = random.integers(0, 256, (24, 20, 3), dtype=np.uint8)
        Image.fromarray(face).save(folder / name)
    return folder


@pytest.fixture(scope="session")
def small_photo():
    """200x171 pixels with a face 62 pixels wide: searching it takes little time."""
    from test_photos import read_photo

    photo = images.shrink(read_photo(), 200)
    photo.flags.writeable = False
    return photo


@pytest.fixture
def one_finder(monkeypatch):
    """Landmarks take a while to load: one finder serves all tests."""
    from test_photos import FINDER

    from ipcgan.runs.age import inputs

    monkeypatch.setattr(inputs, "FaceFinder", lambda: FINDER)


@pytest.fixture
def photo_folder(tmp_path, small_photo):
    """A folder of one photograph, one crop, and one picture without a face."""
    folder = tmp_path / "photos"
    folder.mkdir()
    images.write_image(folder / "grace.png", small_photo)
    images.write_image(folder / "crop.png", small_photo[40:60, 40:60])
    images.write_image(folder / "wall.png", np.full((41, 60, 3), 99, np.uint8))
    return folder


@pytest.fixture(scope="module")
def eagerly():
    """Updates run uncompiled: for a few steps of tiny networks, compiling is slow."""
    with _compiled(False):
        yield


@pytest.fixture
def compiled():
    """Updates are compiled, as users have them, in a module that uses `eagerly`."""
    with _compiled(True):
        yield


@contextlib.contextmanager
def _compiled(value):
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(not value)
    yield
    tf.config.run_functions_eagerly(before)


@pytest.fixture(scope="session")
def alexnet_folder(tmp_path_factory):
    """The folder of a tiny face AlexNet; read only."""
    from helpers import one_step

    from ipcgan import face_networks

    folder = tmp_path_factory.mktemp("alexnet")
    alexnet, sizes = one_step.tiny_alexnet()
    face_networks.write(alexnet, sizes, folder, {})
    return folder
