"""RAGAN's training and ageing, from folders of drawn faces, at tiny sizes."""

import dataclasses
import json

import numpy as np
import pytest
from helpers import one_step, resuming
from helpers.age_folder import age, read_report
from helpers.templates import assert_reads_without, write_teacher
from PIL import Image

from ipcgan import checkpoints, config
from ipcgan.age_groups import FFHQ_AGING
from ipcgan.data import ffhq_aging, images, synthetic
from ipcgan.inference.ager import FaceAger
from ipcgan.models import blended
from ipcgan.models import ragan as ragan_models
from ipcgan.runs.train import train
from ipcgan.runs.weights import ship
from ipcgan.training import trainer

pytestmark = pytest.mark.usefixtures("eagerly")

SIZES = {**one_step.TINY_RAGAN_SIZES, "num_groups": 10}


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Drawn faces of all ten groups, named as in UTKFace."""
    folder = tmp_path_factory.mktemp("faces")
    synthetic.write_utkface_folder(folder, 3, size=20, groups=FFHQ_AGING)
    return folder


def settings(faces, run_dir, dataset="utkface", **run):
    values = {"max_steps": 3, "save_interval": 1, "sample_interval": 3, **run}
    return config.TrainConfig(
        data=config.DataConfig(
            dataset=dataset, root_folder=str(faces), age_groups="ffhq_aging"
        ),
        run=config.RunConfig(
            checkpoint_dir=str(run_dir), batch_size=4, log_interval=1, **values
        ),
        family="ragan",
        sizes=SIZES,
        recipe={"average_momentum": 0.5},
        # No part of this training uses a face network.
        alexnet_pretrained_model="none",
    )


@pytest.fixture(scope="module")
def run_dir(faces, tmp_path_factory):
    """A training run of one early and two late steps; read only."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    assert train.train_family(settings(faces, folder)) == 3
    return folder


def test_a_run_describes_itself(run_dir):
    values = checkpoints.read_json(run_dir / "config.json")
    assert values["family"] == "ragan"
    assert values["groups"] == list(FFHQ_AGING.names)
    names = {path.name for path in checkpoints.newest(run_dir).iterdir()}
    assert {"generator_average.weights.h5", "discriminator.optimizer.npz"} <= names
    # A row for each face: the input and ten groups.
    sample = images.read_image(run_dir / "samples" / "00000003.jpg")
    assert sample.shape[1] // (16 + 4) == 11


def test_templates_learn_beside_the_re_aging_gan_that_is_given(
    faces, run_dir, tmp_path
):
    write_teacher(tmp_path / "resnet")
    asked = settings(faces, tmp_path / "run", max_steps=2, sample_interval=2)
    asked = dataclasses.replace(
        asked,
        sizes={
            **SIZES,
            "generator_output": "change",
            "templates": 2,
            "blend_share": 0.5,
        },
        recipe={"template_steps": 1, "prototype_loss_weight": 1.0},
        age_pretrained_model=str(tmp_path / "resnet"),
        blend_model=str(run_dir),
    )
    with pytest.raises(
        checkpoints.CheckpointError, match="generator_output is 'image'"
    ):
        train.train_family(asked)
    other = settings(faces, tmp_path / "other", max_steps=1)
    other = dataclasses.replace(other, sizes={**SIZES, "generator_output": "change"})
    train.train_family(other)
    asked = dataclasses.replace(asked, blend_model=str(tmp_path / "other"))
    train.train_family(asked)
    given = FaceAger.from_checkpoint(tmp_path / "other", engine="keras").generator
    there = FaceAger.from_checkpoint(tmp_path / "run", engine="keras").generator
    for before, after in zip(
        given.get_weights(), blended.within(there).get_weights(), strict=True
    ):
        np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-6)


def test_the_log_tells_the_weights_of_each_part(faces, tmp_path, caplog):
    from absl import logging

    logging.use_absl_handler()
    with caplog.at_level("INFO", logger="absl"):
        train.train_family(settings(faces, tmp_path / "run"))
    shown = [m for m in caplog.messages if "generator/reconstruction" in m]
    assert [m.split(":")[0] for m in shown] == ["Step 1", "Step 2"]
    assert "x weight 10 =" in shown[0]
    assert "x weight 1 =" in shown[1]


@pytest.mark.parametrize("killed_at", [1, 2])
def test_a_run_killed_in_either_part_goes_on_bit_for_bit(
    killed_at, run_dir, faces, tmp_path
):
    resuming.assert_killed_goes_on_bit_for_bit(
        settings(faces, tmp_path / "run"), run_dir, killed_in=killed_at + 1, steps=3
    )


@pytest.fixture(scope="module")
def segmented(tmp_path_factory):
    """FFHQ-Aging in its real layout: two faces of each group, the first with a map."""
    root = tmp_path_factory.mktemp("FFHQ-Aging-Dataset")
    random = np.random.default_rng(0)
    lines = [",".join(ffhq_aging.COLUMNS)]
    for number in range(40):
        group = number % 10
        folder = root / "ffhq_aging256x256" / "00000"
        (folder / "parsings").mkdir(parents=True, exist_ok=True)
        face = synthetic.draw_face(group, random, 20)
        images.write_image(folder / f"{number:05d}.png", face)
        low, high = FFHQ_AGING.ranges[group]
        lines.append(f"{number},{low}-{high or 120},1,male,1,0,0,0,0,0,None")
        if number < 20:
            labels = np.zeros((20, 20), np.uint8)
            labels[5:15, 5:15] = 1
            path = folder / "parsings" / f"{number:05d}.png"
            Image.fromarray(labels).save(path)
    (root / ffhq_aging.LABELS).write_text("\n".join(lines))
    return root


def test_ffhq_aging_trains_with_its_maps(segmented, tmp_path, monkeypatch):
    asked = settings(segmented, tmp_path / "run", dataset="ffhq_aging", max_steps=2)
    asked = dataclasses.replace(asked, recipe={"segmentation_share": 1.0})
    original, masks = trainer._one_step, []

    def one(updates, batch, done):
        masks.append(batch.source_mask)
        return original(updates, batch, done)

    monkeypatch.setattr(trainer, "_one_step", one)
    assert train.train_family(asked) == 2
    assert {mask.shape for mask in masks} == {(4, 16, 16, 1)}
    default = ragan_models.default_mask(ragan_models.RAGANSizes(**SIZES))
    by_default = [np.array_equal(m[..., 0], default) for mask in masks for m in mask]
    assert 0 < sum(by_default) < 8


def test_a_folder_is_aged_to_ten_groups(run_dir, faces, tmp_path):
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    for name in ("anna", "bert"):
        face = synthetic.draw_face(1, np.random.default_rng(len(name)), 20)
        images.write_image(chosen / f"{name}.png", face)
    out = tmp_path / "out"
    result = age(run_dir, chosen, out, align="never")
    assert (result.faces, result.judged, result.left_out) == (2, None, [])
    names = {path.name for path in out.iterdir()}
    assert {f"anna.png_{group}.png" for group in range(10)} <= names
    assert read_report(out)["targets"] == list(FFHQ_AGING.names)
    sheet = images.read_image(result.sheet)
    assert sheet.shape[1] == 11 * (16 + 4) + 8


def test_what_is_behind_a_face_stays_to_the_last_level(run_dir):
    faces = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    aged = FaceAger.from_checkpoint(run_dir)(faces, groups=(0, 9))
    mask = ragan_models.default_mask(ragan_models.RAGANSizes(**SIZES))
    behind = mask == 0
    for group in range(2):
        np.testing.assert_array_equal(aged[:, group][:, behind], faces[:, behind])
    assert np.abs(aged[:, 0].astype(int) - faces)[:, mask == 1].mean() > 2


def test_shipped_weights_age_alike(run_dir, tmp_path):
    ship.ship(str(run_dir), str(tmp_path / "small"))
    faces = np.full((1, 16, 16, 3), 100, np.uint8)
    whole, small = (
        FaceAger.from_checkpoint(folder)(faces, groups=range(10))
        for folder in (run_dir, tmp_path / "small")
    )
    # float16 keeps 11 bits of each weight.
    assert np.abs(whole.astype(int) - small).max() <= 2


def test_a_run_learns_prototypes_first(faces, tmp_path):
    teacher = write_teacher(tmp_path / "resnet")
    asked = dataclasses.replace(
        settings(faces, tmp_path / "run"),
        sizes={**SIZES, "generator_output": "change", "templates": 2},
        recipe={"template_steps": 1, "prototype_loss_weight": 1},
        age_pretrained_model=str(tmp_path / "resnet"),
    )
    assert train.train_family(asked) == 3
    log = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    terms = [json.loads(line) for line in log]
    assert [line["step"] for line in terms] == [1, 2, 3]
    assert "templates/prototype" in terms[0]
    assert "generator/prototype" in terms[1]
    assert_reads_without(tmp_path / "run", teacher, tmp_path / "resnet")
