"""What the benchmark of latent vectors prints, at sizes that take no time."""

import re

import pytest

from ipcgan import checkpoints, config
from ipcgan.age_groups import AGE_CGAN
from ipcgan.config import InversionConfig
from ipcgan.data import synthetic
from ipcgan.data.records import DataError
from ipcgan.runs.benchmark import search_speed


def test_every_search_says_its_time_and_how_often_it_fell(
    age_cgan_folder, alexnet_folder
):
    settings = InversionConfig(
        steps=3,
        alexnet_pretrained_model=alexnet_folder,
        identity_descriptor="imitated",
    )
    _, *lines = search_speed.searches_timed(age_cgan_folder, "", 2, settings)
    pattern = (
        r"(\w+) search of 2 faces of 16 pixels: [\d.]+ s, [\d.]+ steps a face "
        r"\((\d) at most\); the objective falls from (\S+) to (\S+), and never rose "
        r"for (\d)"
    )
    found = [re.fullmatch(pattern, line).groups() for line in lines]
    assert [name for name, *_ in found] == list(config.INVERSIONS[1:])
    for _, steps, start, end, falling in found:
        assert int(steps) <= 3 and int(falling) == 2
        assert float(end) < float(start)


def test_too_few_faces_and_other_networks_are_refused(
    age_cgan_folder, checkpoint, tmp_path
):
    with pytest.raises(checkpoints.CheckpointError, match="expected an Age-cGAN"):
        search_speed.searches_timed(str(checkpoint), "", 2)
    synthetic.write_utkface_folder(tmp_path, 2, size=16, groups=AGE_CGAN)
    with pytest.raises(DataError, match="expected at least 32"):
        search_speed.searches_timed(age_cgan_folder, str(tmp_path), 32)
