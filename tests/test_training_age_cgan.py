"""Age-cGAN's training and ageing, from folders of drawn faces, at tiny sizes."""

import dataclasses
import json

import numpy as np
import pytest
from helpers import one_step, resuming

from ipcgan import checkpoints, config
from ipcgan.age_groups import AGE_CGAN
from ipcgan.data import images, synthetic
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.age import age_folder
from ipcgan.runs.train import train
from ipcgan.runs.weights import export, ship

pytestmark = pytest.mark.usefixtures("eagerly")

SIZES = {**one_step.TINY_AGE_CGAN_SIZES, "num_groups": 6}


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Drawn faces of all six groups, so that the youngest are below 11."""
    folder = tmp_path_factory.mktemp("faces")
    synthetic.write_utkface_folder(folder, 3, size=20, groups=AGE_CGAN)
    return folder


def settings(faces, run_dir, **run):
    values = {"max_steps": 3, "save_interval": 1, "sample_interval": 100, **run}
    return config.TrainConfig(
        data=config.DataConfig(root_folder=str(faces), age_groups="published"),
        run=config.RunConfig(
            checkpoint_dir=str(run_dir), batch_size=4, log_interval=1, **values
        ),
        family="age_cgan",
        sizes=SIZES,
        recipe={"encoder_pairs": 12, "average_momentum": 0.5},
        # No part of this training uses a face network.
        alexnet_pretrained_model="none",
    )


@pytest.fixture(scope="module")
def run_dir(faces, tmp_path_factory):
    """A training run of three steps of either stage; read only."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    assert train.train_family(settings(faces, folder, max_to_keep=9)) == 6
    return folder


@pytest.mark.parametrize("killed_at", [2, 5])
def test_a_run_killed_in_either_stage_goes_on_bit_for_bit(
    killed_at, run_dir, faces, tmp_path
):
    resuming.assert_killed_goes_on_bit_for_bit(
        settings(faces, tmp_path / "run"), run_dir, killed_in=killed_at, steps=6
    )


def test_the_encoders_stage_leaves_the_gan_as_it_was(run_dir):
    def weights(step):
        path = run_dir / f"step-{step:08d}"
        return {
            n: (path / f"{n}.weights.h5").read_bytes()
            for n in ("generator", "generator_average", "discriminator", "encoder")
        }

    before, after = weights(3), weights(6)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"encoder"}
    values = checkpoints.read_json(run_dir / "config.json")
    assert values["groups"] == list(AGE_CGAN.names)
    assert values["sizes"]["num_groups"] == 6


def test_stages_are_trained_one_by_one(faces, tmp_path):
    folder = tmp_path / "run"
    assert train.train_family(settings(faces, folder, stage="gan", max_steps=2)) == 2
    longer = settings(faces, folder, stage="encoder", max_steps=3)
    with pytest.raises(
        checkpoints.CheckpointError, match="3 steps before it 2 are done.*max_steps=2"
    ):
        train.train_family(longer)
    assert train.train_family(settings(faces, folder, stage="gan")) == 3
    assert train.train_family(longer) == 6
    with pytest.raises(
        checkpoints.CheckpointError, match=r"beyond its stage gan.*\(4\)"
    ):
        train.train_family(settings(faces, folder, max_steps=4))
    with pytest.raises(config.ConfigError, match="--stage=z: .* gan, encoder"):
        train.train_family(settings(faces, folder, stage="z"))


def test_samples_are_drawn_in_both_stages(faces, tmp_path):
    asked = settings(faces, tmp_path / "run", max_steps=1, sample_interval=1)
    asked = dataclasses.replace(asked, recipe={"encoder_pairs": 4})
    assert train.train_family(asked) == 2
    first, second = (
        images.read_image(tmp_path / "run" / "samples" / f"{step:08d}.jpg")
        for step in (1, 2)
    )
    # Faces of six groups; then also the input and the reconstructed face.
    assert second.shape[1] - first.shape[1] == 2 * (16 + 4)


def age(run_dir, faces, target, alexnet_folder, **inversion):
    return age_folder.age_folder(
        config.AgeConfig(
            test_data_dir=str(faces),
            save_dir=str(target),
            checkpoint_dir=str(run_dir),
            align="never",
            inversion=config.InversionConfig(
                steps=2, alexnet_pretrained_model=str(alexnet_folder), **inversion
            ),
        )
    )


@pytest.fixture
def two_faces(tmp_path):
    """One whose name tells its age, and one whose name does not."""
    folder = tmp_path / "two"
    folder.mkdir()
    for name in ("25_0_2_20170116174525125.jpg", "anna.png"):
        face = synthetic.draw_face(1, np.random.default_rng(0), 20)
        images.write_image(folder / name, face)
    return folder


def test_a_folder_is_aged_through_latent_vectors(
    run_dir, two_faces, alexnet_folder, tmp_path
):
    out = tmp_path / "out"
    result = age(run_dir, two_faces, out, alexnet_folder)
    assert (result.faces, result.judged, result.left_out) == (2, 1, [])
    names = {path.name for path in out.iterdir()}
    assert {f"anna.png_{group}.png" for group in range(6)} <= names
    report = json.loads((out / "report.json").read_text())["aged"]
    (told,) = report["25_0_2_20170116174525125.jpg"]["own_groups"]
    assert told == {"group": "19-29", "by": "file name"}
    assert report["anna.png"]["own_groups"][0]["by"] == "face AlexNet"
    # Input, z0, pixelwise, identity, extended, and six groups.
    sheet = images.read_image(result.sheet)
    assert sheet.shape[1] == 11 * (16 + 4) + 8


def test_the_encoders_guess_alone_needs_no_face_network(run_dir, two_faces, tmp_path):
    (two_faces / "anna.png").unlink()
    result = age(run_dir, two_faces, tmp_path / "out", "none", method="none")
    assert (result.faces, result.judged) == (1, 0)
    sheet = images.read_image(result.sheet)
    assert sheet.shape[1] == 8 * (16 + 4) + 8


def test_companions_and_exports_are_refused(run_dir, two_faces, tmp_path):
    asked = config.AgeConfig(
        str(two_faces),
        str(tmp_path / "out"),
        str(run_dir),
        companions_dir=str(two_faces),
    )
    with pytest.raises(config.ConfigError, match="--train_data_dir"):
        age_folder.age_folder(asked)
    with pytest.raises(checkpoints.CheckpointError, match="nothing to export"):
        export.export_checkpoint(str(run_dir))


def test_shipped_weights_bring_the_encoder(run_dir, tmp_path):
    ship.ship(str(run_dir), str(tmp_path / "small"))
    assert (tmp_path / "small" / "encoder.weights.h5").is_file()
    faces = np.full((1, 16, 16, 3), 100, np.uint8)
    asked = config.InversionConfig(method="none")
    whole, small = (
        FaceAger.from_checkpoint(folder, inversion=asked).age(
            faces, (0, 5), source_groups=[1]
        )
        for folder in (run_dir, tmp_path / "small")
    )
    assert whole.faces.shape == (1, 2, 16, 16, 3)
    # float16 keeps 11 bits of each weight.
    assert np.abs(whole.faces.astype(int) - small.faces).max() <= 2
    np.testing.assert_array_equal(whole.source_groups, [1])


def test_five_groups_by_a_flag(faces, tmp_path):
    asked = settings(faces, tmp_path / "run", max_steps=1, stage="gan")
    asked = dataclasses.replace(
        asked,
        sizes=one_step.TINY_AGE_CGAN_SIZES,
        data=dataclasses.replace(asked.data, age_groups="cacd"),
    )
    assert train.train_family(asked) == 1
    values = checkpoints.read_json(tmp_path / "run" / "config.json")
    assert values["groups"] == ["11-20", "21-30", "31-40", "41-50", "51+"]
