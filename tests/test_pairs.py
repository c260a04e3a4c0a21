"""The evaluation of aged faces by later pictures of the same people."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from ipcgan import age_groups, config
from ipcgan.data import images
from ipcgan.data.pairs import read_pairs
from ipcgan.data.records import DataError
from ipcgan.evaluation.judges import Predictions
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.evaluate import evaluators, pairs

SIZE = 16
HEADER = "source,later,target_group"


class BrightnessJudges:
    """The darker the older, and the less alike; black pictures have no face."""

    def predict(self, faces, name):
        faces = np.array(faces, float).reshape(len(faces), SIZE, SIZE, 3)
        found = faces.max(axis=(1, 2, 3)) > 0
        levels = np.where(found, faces.mean(axis=(1, 2, 3)), np.nan)
        return Predictions(
            counts=found.astype(int),
            ages={"Bright": 100 - levels / 4},
            genders={"Bright": np.full(len(faces), "male")},
            descriptors={"Level": levels[:, None].astype(np.float32)},
            embeddings={},
        )


class Darkener:
    """Darkens a face by 20 levels for each group."""

    inputs = (SimpleNamespace(shape=(None, SIZE, SIZE, 3)), None)

    def predict_on_batch(self, inputs):
        faces, groups = inputs
        change = 20 * np.reshape(groups, (-1, 1, 1, 1)) / images.LEVELS
        return np.clip(faces - change, -1, 1)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with pictures of several levels, by which they are named."""
    ager = FaceAger(Darkener(), age_groups.CACD.names)
    monkeypatch.setattr(FaceAger, "from_checkpoint", lambda *_, **__: ager)
    judges = (BrightnessJudges(), ["Missing: put missing.h5 at /somewhere"])
    monkeypatch.setattr(evaluators, "make_judges", lambda settings: judges)
    for level in (0, 60, 100, 120, 150, 200):
        face = np.full((SIZE, SIZE, 3), level, np.uint8)
        images.write_image(tmp_path / f"{level}.png", face)
        images.write_image(tmp_path / f"20_Ada_{level:04d}.png", face)
    (tmp_path / "broken.png").write_text("no picture")
    return tmp_path


def judge(folder, *lines, header=HEADER, **changes):
    path = folder / "pairs.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    settings = config.EvaluateConfig(
        pairs_file=str(path), report_dir=str(folder / "report"), **changes
    )
    result = pairs.evaluate_pairs(settings)
    return result, json.loads((folder / "report" / "pairs.json").read_text())


def test_figures_by_hand(folder):
    lines = ("200.png,150.png,21-30", "200.png,120.png,4", "100.png,120.png,4")
    result, report = judge(folder, *lines)
    assert result.text == (folder / "report" / "pairs.md").read_text()
    assert list(report["targets"]) == [*age_groups.CACD.names, "all"]
    young, old = report["targets"]["21-30"], report["targets"]["51+"]
    # 200 becomes 180, as far from 150 as 30; nobody else is aged so.
    assert young["people"] == young["pairs"] == 1
    assert young["distance/aged/Level"] == pytest.approx([30] * 3)
    assert young["distance/input/Level"] == pytest.approx([50] * 3)
    assert young["distance/gain/Level"] == pytest.approx([-20] * 3)
    assert young["nearer/Level"] == [1, 1, 1]
    assert young["age/aged/Bright"][0] == 100 - 180 / 4
    assert young["age/later/Bright"][0] == 100 - 150 / 4
    assert young["age/input/Bright"][0] == 100 - 200 / 4
    assert young["age/off/Bright"][0] == -30 / 4
    # 200 becomes 120, as the later picture is; 100 becomes 20 and was 20 from it.
    assert old["distance/aged/Level"][0] == pytest.approx((0 + 100) / 2)
    assert old["distance/input/Level"][0] == pytest.approx((80 + 20) / 2)
    assert old["nearer/Level"][0] == 0.5


def test_a_person_of_several_pairs_counts_once(folder):
    lines = ("200.png,150.png,1", "200.png,120.png,4", "100.png,120.png,4")
    result, report = judge(folder, *lines)
    row = report["targets"]["all"]
    assert (row["people"], row["pairs"]) == (2, 3)
    assert row["nearer/Level"][0] == 0.5  # one always, one never
    assert "(too few: 2)" in result.text
    named = ("20_Ada_0200.png,150.png,1", "20_Ada_0100.png,120.png,4")
    _, report = judge(folder, *named, dataset="cacd")
    assert report["targets"]["all"]["people"] == 1


def test_an_aged_face_that_is_none_is_not_nearer(folder):
    # Aged to 51+ the second is black.
    _, report = judge(folder, "200.png,120.png,4", "60.png,100.png,4")
    row = report["targets"]["51+"]
    assert (row["people"], row["no_face"]) == (2, 1)
    assert row["nearer/Level"][0] == 0.5
    assert row["distance/input/Level"][0] == 80  # of the other alone
    assert row["age/later/Bright"][0] == 70


def test_pairs_without_a_face_are_left_out_and_listed(folder):
    lines = ["200.png,150.png,1", "0.png,150.png,1", "200.png,0.png,1"]
    result, report = judge(folder, *lines, "broken.png,150.png,1")
    assert result.text.startswith("1 pairs of pictures")
    assert "3 left out" in result.text.splitlines()[0]
    assert sum("no face was found" in why for why in result.left_out) == 2
    assert any("broken.png: not an image" in why for why in result.left_out)
    assert result.left_out[-1].startswith("Missing")
    assert report["left_out"] == result.left_out
    assert "broken.png" in result.text


def test_a_list_of_nobody(folder):
    with pytest.raises(DataError, match="none of 2 pairs has a face"):
        judge(folder, "0.png,150.png,1", "broken.png,150.png,1")


def test_some_of_the_pairs(folder):
    lines = [f"{level}.png,150.png,4" for level in (100, 120, 200)]
    result, report = judge(folder, *lines, num_faces=2)
    assert "(of 3)" in result.text
    assert report["targets"]["51+"]["pairs"] == 2


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "has no line"),
        (["200.png,150.png"], "pairs.csv:2: expected 3 columns"),
        (["200.png,150.png,1", "", "200.png,150.png,7"], "pairs.csv:4: .*got '7'"),
        (["200.png,150.png,20-30"], "pairs.csv:2: expected a group of 11-20, 21-30"),
        (["200.png,nobody.png,1"], "pairs.csv:2: .*nobody.png: no such file"),
        (["200.png,150.png,1"] * 2, "pairs.csv:3: a pair twice"),
    ],
)
def test_a_list_that_cannot_be(lines, message, folder):
    with pytest.raises(DataError, match=message):
        judge(folder, *lines)
    assert not (folder / "report").exists()


def test_a_column_that_is_missing_and_a_file_that_is(folder):
    with pytest.raises(DataError, match="pairs.csv:1: expected the header source,"):
        judge(folder, "200.png,1", header="source,target_group")
    with pytest.raises(DataError, match="nowhere.csv: cannot be read"):
        read_pairs(folder / "nowhere.csv", "utkface", age_groups.CACD)


def test_a_list_as_spreadsheets_write_it(folder):
    path = folder / "pairs.csv"
    path.write_text(f"{HEADER}\r\n200.png, 150.png ,51+\r\n", encoding="utf-8-sig")
    (pair,) = read_pairs(path, "utkface", age_groups.CACD)
    assert (pair.source, pair.later) == (folder / "200.png", folder / "150.png")
    assert (pair.group, pair.own_group) == (4, -1)
