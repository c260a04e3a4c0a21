"""Fixtures that several test modules share."""

import pytest

from ipcgan.data import synthetic


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
    import one_step

    from ipcgan import checkpoints

    folder = tmp_path_factory.mktemp("checkpoint")
    generator = one_step.ipcgan_networks()["generator"]
    checkpoints.save_weights(generator, folder, "generator")
    values = {"family": "ipcgan", "sizes": one_step.TINY_SIZES}
    checkpoints.write_json(folder / "config.json", values)
    return folder
