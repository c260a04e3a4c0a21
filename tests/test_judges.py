"""The independent judge: its file, its answers, and that it is never a teacher."""

import pathlib

import numpy as np
import pytest

from ipcgan import checkpoints, config, face_networks
from ipcgan.data import images
from ipcgan.evaluation import hse, panel
from ipcgan.photos import MissingWeightsError
from ipcgan.runs.evaluate.teachers import teachers_of

ROOT = pathlib.Path(__file__).parents[1]
SAMPLES = ROOT / "images" / "test"
HSE = ROOT / "checkpoints" / "judges" / "hse_face"


def test_hse_knows_age_gender_and_person():
    network = hse.HSEFaceNetwork(HSE)
    woman, man = (
        images.read_image(SAMPLES / f"{name}.png") for name in ("astronaut", "admiral")
    )
    years, gender = network.judge(woman)
    assert gender == "female"
    assert 20 <= years <= 60  # Eileen Collins was in her thirties.
    assert network.judge(man)[1] == "male"
    own = network.describe(woman)
    assert own.shape == (network.length,)
    assert np.linalg.norm(own) == pytest.approx(1.0, abs=1e-5)
    mirrored = network.describe(np.ascontiguousarray(woman[:, ::-1]))
    assert np.linalg.norm(own - mirrored) < network.threshold
    assert np.linalg.norm(own - network.describe(man)) > network.threshold


def test_one_face_is_one_pass(monkeypatch):
    network = hse.HSEFaceNetwork(HSE)
    asked, original = [], network._ask
    monkeypatch.setattr(
        network, "_ask", lambda face: (asked.append(1), original(face))[1]
    )
    face = images.read_image(SAMPLES / "astronaut.png")
    network.judge(face)
    network.describe(face)
    network.embed(face)
    assert len(asked) == 1
    network.judge(face.copy())
    assert len(asked) == 2


@pytest.mark.parametrize("broken", [True, False])
def test_a_damaged_or_missing_file_is_one_line_with_file_and_place(tmp_path, broken):
    if broken:
        content = bytearray((HSE / hse.FILE).read_bytes())
        content[1000] ^= 1
        (tmp_path / hse.FILE).write_bytes(content)
    with pytest.raises(MissingWeightsError) as caught:
        hse.HSEFaceNetwork(tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(tmp_path / hse.FILE))
    assert "checkpoints/judges/hse_face" in message
    assert ("SHA-256" in message) == broken
    # The others judge without it.
    judges, recognisers, missing = panel.usable(
        ("Dlib", "HSE"), ("Dlib", "HSE"), str(tmp_path)
    )
    assert (judges, recognisers) == (("Dlib",), ("Dlib",))
    assert missing == [message]
    with pytest.raises(MissingWeightsError, match="No age judge"):
        panel.usable(("HSE",), ("Dlib",), str(tmp_path))


def test_an_unknown_age_judge_names_the_known_ones():
    with pytest.raises(
        config.ConfigError, match="--age_judge=Me: expected Dlib or HSE"
    ):
        panel.make_panel(("Me",), (), str(HSE))


@pytest.mark.parametrize("kind", ["alexnet", "face_resnet", ""])
def test_the_judge_teaches_nobody(kind):
    """Whatever it is given as: --alexnet_pretrained_model, --init_from and others."""
    with pytest.raises(checkpoints.CheckpointError, match="must not be used as"):
        face_networks.read(HSE, image_size=128, kind=kind)


def test_who_taught_is_known_by_recipe_and_search(tmp_path):
    def teachers(family, method="identity_preserving", changes=(), **recipe):
        values = {"family": family, "recipe": recipe, "changes": list(changes)}
        checkpoints.write_json(tmp_path / "config.json", values)
        return teachers_of(tmp_path, config.InversionConfig(method=method))

    assert teachers("ipcgan", descriptor_loss_weight=360.0) == ("Dlib",)
    assert teachers("ipcgan", descriptor_loss_weight=0.0) == ()
    taught_before = [{"step": 7, "recipe.descriptor_loss_weight": [360.0, 0.0]}]
    assert teachers("ipcgan", changes=taught_before) == ("Dlib",)
    assert teachers("ragan") == ()
    assert teachers("age_cgan") == ("Dlib",)
    assert teachers("age_cgan", method="extended") == ("Dlib",)
    assert teachers("age_cgan", method="pixelwise") == ()


def test_the_card_stands_beside_the_weights():
    assert {path.name for path in HSE.iterdir()} >= {
        *("LICENSE", "MODEL_CARD.md", "config.json", hse.FILE),
    }
