"""The faces' own ages: given, predicted, or why they cannot be."""

import importlib.util

import numpy as np
import pytest
from helpers.age_folder import age, read_report, written

from ipcgan import checkpoints, face_networks
from ipcgan.data import images
from ipcgan.inference import config_values, own_ages
from ipcgan.models import face_resnet

SIZES = face_resnet.FaceResNetSizes(
    image_size=32, trunk_size=32, filters=4, hidden=8, reads_years=True
)


@pytest.fixture(scope="module")
def resnet_folder(tmp_path_factory):
    """A tiny face ResNet that says 60 years of every face."""
    folder = tmp_path_factory.mktemp("face_resnet")
    network = face_resnet.build_face_resnet(SIZES)
    years = network.get_layer("age_years")
    kernel, bias = years.get_weights()
    years.set_weights([0 * kernel, bias + 1])  # 40 + 20 * 1
    face_networks.write(network, SIZES, folder, {})
    return str(folder)


def test_an_age_that_is_given_is_that_of_all():
    found = own_ages.OwnAges(40, "no such folder", 16, 4)
    np.testing.assert_array_equal(found(np.zeros((3, 16, 16, 3), np.uint8)), 40.0)
    assert found.source == "--source_age"


def test_the_face_network_predicts_the_others(resnet_folder):
    """Of faces of another size than its own, more than a batch."""
    found = own_ages.OwnAges(None, resnet_folder, 16, 2)
    faces = np.zeros((3, 16, 16, 3), np.uint8)
    np.testing.assert_allclose(found(faces), 60.0, atol=1e-3)
    assert found(faces[:0]).shape == (0,)


def test_a_missing_network_says_what_is_needed(tmp_path, resnet_folder, monkeypatch):
    with pytest.raises(checkpoints.CheckpointError, match="source_age=40") as raised:
        config_values.check_predicts_years(str(tmp_path))
    assert "--age_pretrained_model" in str(raised.value)
    checkpoints.write_json(tmp_path / "config.json", {"sizes": {"reads_years": False}})
    with pytest.raises(checkpoints.CheckpointError, match="--task=years"):
        config_values.check_predicts_years(str(tmp_path))
    config_values.check_predicts_years(resnet_folder)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(checkpoints.CheckpointError, match="pip install keras"):
        config_values.check_predicts_years(resnet_folder)


def test_a_folder_is_aged_by_twenty_years(checkpoint, faces, resnet_folder, tmp_path):
    out = tmp_path / "out"
    asked = {"ages": ("+20", "-10"), "age_pretrained_model": resnet_folder}
    result = age(checkpoint, faces, out, **asked, animate=True)
    assert result.faces == 3
    assert {"anna.jpg_age+20.jpg", "anna.jpg_age-10.jpg"} <= written(out)
    report = read_report(out)
    assert report["targets"] == ["+20", "-10"]
    (own,) = report["aged"]["anna.jpg"]["own_ages"]
    by = resnet_folder.split("/")[-1]
    assert own == {"years": 60.0, "by": by, "aged_to": ["80", "50"]}
    given = tmp_path / "given"
    age(checkpoint, faces, given, ages=("+20", "-10"), source_age=60)
    for name in ("anna.jpg_age+20.jpg", "anna.jpg_age-10.jpg"):
        np.testing.assert_array_equal(
            images.read_image(given / name), images.read_image(out / name)
        )
