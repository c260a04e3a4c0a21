"""Judged ages of faces that were aged to years between the groups."""

from types import SimpleNamespace

import numpy as np
import pytest
from absl import app
from helpers import brightness_judges
from test_evaluate import parse
from test_photographs import Darkener, SquareFinder

from ipcgan import age_groups, checkpoints, config
from ipcgan.data import images, synthetic
from ipcgan.data.records import DataError
from ipcgan.evaluation.single_years import by_year, rise
from ipcgan.inference.ager import FaceAger
from ipcgan.report.single_years import to_markdown
from ipcgan.runs.age import photo_ager
from ipcgan.runs.evaluate import calibration, single_years

SIZE = 16


class EvenGenerator:
    """Group k becomes a picture of 200 - 40 k levels: judged 30, 40, ... 70 years."""

    inputs = (SimpleNamespace(shape=(None, SIZE, SIZE, 3)), None)

    def predict_on_batch(self, inputs):
        level = (200 - 40 * inputs[1]) / images.LEVELS - 1
        return np.broadcast_to(level[:, None, None, None], inputs[0].shape)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three pictures, the last without a face."""
    ager = FaceAger(EvenGenerator(), age_groups.CACD.names)
    monkeypatch.setattr(FaceAger, "from_checkpoint", lambda *_, **__: ager)
    brightness_judges.install(monkeypatch)
    for name, level in (("a", 200), ("b", 160), ("nobody", 0)):
        face = np.full((SIZE, SIZE, 3), level, np.uint8)
        images.write_image(tmp_path / f"{name}.png", face)
    return tmp_path


def test_a_line_for_each_year_with_the_judged_age_of_its_mixture(folder):
    text = single_years.evaluate_single_years(
        config.EvaluateConfig(source_dir=str(folder), num_faces=0, ages=(60, 18, 35))
    )
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert cells[1:4] == [
        # 18 is a quarter of the way from the group judged 30 to that judged 40.
        ["18", "32.5 (32.5 to 32.5)", "14.5 (14.5 to 14.5)", "0.0"],
        ["35", "49.5 (49.5 to 49.5)", "14.5 (14.5 to 14.5)", "0.0"],
        ["60", "70.0 (70.0 to 70.0)", "10.0 (10.0 to 10.0)", "0.0"],
    ]
    assert text.startswith("2 people")
    assert "Bright judges the sources 35.0 (30.0 to 40.0)" in text
    assert "Older judges the sources 37.0 (32.0 to 42.0)" in text
    assert cells[5][1] == "34.5 (34.5 to 34.5)"  # two years more than Bright says.
    assert "by 37.5 (37.5 to 37.5) years" in text
    assert "nobody.png" in text


def test_who_rises_and_how_well_in_order():
    judged = np.array([[20, 30, 40], [20, 45, 40], [40, 30, 20], [20, np.nan, 40]])
    found = rise((20, 30, 40), judged)
    text = to_markdown("J", (0, 0, 0), by_year((20, 30, 40), judged), found)
    assert "rises from 20 to 40 for 75.0 " in text  # three of four
    assert "in between for 33.3 " in text  # the first, of the three seen throughout
    assert "0.17 (-1.00 to 1.00)" in text  # the mean of 1, 0.5 and -1


def test_years_that_are_not_judged_are_counted():
    judged = np.array([[20, np.nan], [30, 40]])
    text = to_markdown("J", (0, 0, 0), by_year((20, 30), judged), None)
    last = text.splitlines()[-1]
    assert [cell.strip() for cell in last.split("|")[1:-1]] == [
        *("30", "40.0 (40.0 to 40.0)", "10.0 (10.0 to 10.0)", "50.0")
    ]


def test_a_single_year_has_no_rise():
    assert rise((20,), np.array([[20.0]])) is None


@pytest.mark.parametrize(
    "bad",
    [
        ["--ages=101"],
        ["--ages=x"],
        ["--ages=20", "--aged_dir=a"],
        ["--ages=20", "--pairs=a"],
        ["--ages=20", "--calibrate_ages"],
    ],
)
def test_years_that_cannot_be_asked_for(bad):
    with pytest.raises(app.UsageError, match="--ages"):
        parse("--source_dir=a", *bad)
    with pytest.raises(app.UsageError, match="--calibrate_ages needs --root_folder"):
        parse("--source_dir=a", "--calibrate_ages")
    assert parse("--source_dir=a", "--ages=30,20,30").ages == (30, 20)


def test_years_below_a_networks_youngest_are_refused(folder):
    with pytest.raises(checkpoints.CheckpointError, match="--ages=5: .* 11 to 100"):
        single_years.evaluate_single_years(
            config.EvaluateConfig(source_dir=str(folder), ages=(30, 5))
        )


def test_years_are_judged_in_whole_photographs_too(tmp_path, monkeypatch):
    """The face, a square in the middle, gets darker; the wall has none."""
    ager = FaceAger(Darkener(SIZE), age_groups.CACD.names)
    monkeypatch.setattr(FaceAger, "from_checkpoint", lambda *_, **__: ager)
    for module in (photo_ager, single_years):
        monkeypatch.setattr(module, "FaceFinder", SquareFinder)
    brightness_judges.install(monkeypatch)
    for name, level in (("a", 200), ("b", 180), ("wall", 0)):
        photo = np.full((64, 64, 3), level, np.uint8)
        images.write_image(tmp_path / f"{name}.png", photo)
    settings = config.EvaluateConfig(photos_dir=str(tmp_path), ages=(20, 60, 70))
    text = single_years.evaluate_single_years(settings)
    assert text.startswith("2 people of the photographs")
    assert "Bright judges the sources 32.5 (30.0 to 35.0)" in text
    assert "rises from 20 to 70 for 100.0 " in text
    assert "wall.png: no face was found" in text


@pytest.fixture
def run_folder(tmp_path):
    path = tmp_path / "net" / "config.json"
    path.parent.mkdir()
    checkpoints.write_json(path, {"family": "ipcgan", "steps": 7})
    return path


def calibrate(folder, tmp_path):
    root = tmp_path / "faces"
    synthetic.write_utkface_folder(root, faces_per_group=9, size=SIZE, seed=0)
    return calibration.calibrate(
        config.EvaluateConfig(
            checkpoint_dir=str(folder), root_folder=str(root), split="validation"
        )
    )


def test_calibration_writes_the_mean_of_the_judges(folder, run_folder, tmp_path):
    checkpoints.write_sums(run_folder.parent, ["config.json"])
    text = calibrate(run_folder.parent, tmp_path)
    checkpoints.check_sums(run_folder.parent)
    # Bright judges groups at 30, 40, ... 70 years, Older at two more.
    written = checkpoints.read_json(run_folder)
    assert written["judged_years"] == [31.0, 41.0, 51.0, 61.0, 71.0]
    assert written["steps"] == 7
    assert "| mean, as written" in text and "| 31 " in text
    ager = FaceAger(EvenGenerator(), age_groups.CACD.names, judged_years=[31, 41])
    assert ager.year_scale.target(36).shares == ((0, 0.5), (1, 0.5))


def test_judged_ages_that_do_not_rise_are_not_written(
    folder, run_folder, tmp_path, monkeypatch
):
    same = EvenGenerator()
    same.predict_on_batch = lambda inputs: np.zeros(inputs[0].shape, np.float32)
    ager = FaceAger(same, age_groups.CACD.names)
    monkeypatch.setattr(FaceAger, "from_checkpoint", lambda *_, **__: ager)
    with pytest.raises(DataError, match="must rise by 0.5"):
        calibrate(run_folder.parent, tmp_path)
    assert "judged_years" not in checkpoints.read_json(run_folder)
