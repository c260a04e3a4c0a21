"""The evaluation of how much ageing survives in photographs."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from test_photos import FINDER

from ipcgan import age_groups, config
from ipcgan.data import images
from ipcgan.data.faces import evenly_spread
from ipcgan.data.records import DataError
from ipcgan.evaluation import intervals, retention
from ipcgan.evaluation.judges import Predictions
from ipcgan.inference.ager import FaceAger
from ipcgan.photos import DLIB_TEMPLATE, Face, find_again
from ipcgan.report.tables import with_people
from ipcgan.runs.evaluate import evaluators, photographs

SIZE = 16
FACE_AT = 24  # pixels from the left and from the top of a photograph.
NAN = np.nan


class BrightnessJudges:
    """The darker the older; who has the same corner is the same person.

    Pictures without a bright pixel have no face.
    """

    def predict(self, faces, name):
        faces = np.array(faces, float)
        found = faces.max(axis=(1, 2, 3)) > 0
        ages = np.where(found, 100 - faces.mean(axis=(1, 2, 3)) / 4, NAN)
        corners = np.where(found[:, None], faces[:, 0, 0], NAN)
        return Predictions(
            counts=found.astype(int),
            ages={"Bright": ages, "Half": ages / 2},
            genders={name: np.full(len(faces), "male") for name in ("Bright", "Half")},
            descriptors={"Corner": corners.astype(np.float32)},
            embeddings={},
        )


class Darkener:
    """Darkens a spot of a face, or all of it, by 20 levels for each group."""

    def __init__(self, size=SIZE, spot=True):
        self.inputs = (SimpleNamespace(shape=(None, size, size, 3)), None)
        self._where = np.zeros((size, size, 1))
        part = slice(size * 3 // 8, size * 5 // 8) if spot else slice(None)
        self._where[part, part] = 1

    def predict_on_batch(self, inputs):
        faces, groups = inputs
        change = 20 * np.reshape(groups, (-1, 1, 1, 1)) / images.LEVELS
        return np.clip(faces - change * self._where, -1, 1)


class SquareFinder:
    """Finds one face, always at the same place; none where it has no bright pixel."""

    darkest = 1  # of the middle, where a face is seen.

    def __call__(self, photo):
        middle = photo[FACE_AT + SIZE // 2, FACE_AT + SIZE // 2]
        return [face_at(FACE_AT)] if middle.max() >= self.darkest else []


def face_at(left, side=SIZE):
    points = DLIB_TEMPLATE * side - 0.5 + left
    return Face((left, left, left + side, left + side), points)


def use(monkeypatch, generator, finder, size=SIZE):
    ager = FaceAger(generator, age_groups.CACD.names)
    monkeypatch.setattr(FaceAger, "from_checkpoint", lambda *_, **__: ager)
    monkeypatch.setattr(photographs, "FaceFinder", lambda: finder)
    judges = (BrightnessJudges(), ["Missing: put missing.h5 at /somewhere"])
    monkeypatch.setattr(evaluators, "make_judges", lambda settings: judges)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three people of 15, 25 and 60 years, a wall, and a file that is no picture."""
    folder = tmp_path / "photos"
    folder.mkdir()
    levels = {"15_0_0_a": 200, "25_0_0_b": 180, "60_0_0_c": 160, "wall": 0}
    for name, level in levels.items():
        photo = np.full((64, 64, 3), level, np.uint8)
        images.write_image(folder / f"{name}.png", photo)
    (folder / "notes.txt").write_text("no picture")
    use(monkeypatch, Darkener(), SquareFinder())
    return folder


def judge(folder, **changes):
    target = folder.parent / "report"
    settings = config.EvaluateConfig(
        photos_dir=str(folder), report_dir=str(target), **changes
    )
    result = photographs.evaluate_photographs(settings)
    return result, json.loads((target / "photos.json").read_text())


def test_everything_is_kept_in_a_photograph_that_is_the_aged_face():
    before, aged = np.array([20.0, 30.0]), np.array([[50.0], [40.0]])
    share = retention.retention(before, aged, aged, np.ones((2, 1)))
    assert share == pytest.approx((1, 1, 1))


def test_nothing_is_kept_where_nothing_changed_or_nobody_is_found():
    before, aged = np.array([20.0, 30.0]), np.array([[50.0], [40.0]])
    towards = np.ones((2, 1))
    for written in (before[:, None], np.full((2, 1), NAN)):
        share = retention.retention(before, aged, written, towards)
        assert share == pytest.approx((0, 0, 0))


def test_retention_is_a_ratio_of_sums_towards_the_targets():
    before = np.array([20.0, 60.0, 30.0])
    aged = np.array([[20.0, 50.0], [30.0, 60.0], [NAN, 40.0]])
    written = np.array([[20.0, 35.0], [50.0, 99.0], [0.0, NAN]])
    towards = retention.towards(np.array([0, 1, -1]), 2)
    assert towards.tolist() == [[0, 1], [-1, 0], [1, 1]]
    share, low, high = retention.retention(before, aged, written, towards)
    # 15 of 30 years older, 10 of 30 years younger, and 0 of 10 of who is not found.
    assert share == pytest.approx(25 / 70)
    assert 0 <= low <= share <= high <= 0.5


def test_a_ratio_of_means_with_its_interval():
    ratio = intervals.ratio_interval
    assert ratio([1, 2, 3], [2, 4, 6]) == pytest.approx((0.5, 0.5, 0.5))
    assert ratio([3, NAN, 5], [4, 1, NAN]) == pytest.approx((0.75, 0.75, 0.75))
    share, low, high = ratio([0, 10] * 50, [10, 10] * 50)
    assert share == 0.5
    assert (low, high) == pytest.approx((0.4, 0.6), abs=0.02)  # 1.96 * 0.5 / 10


def test_a_ratio_that_cannot_be_or_has_no_bounds():
    ratio = intervals.ratio_interval
    assert np.isnan(ratio([], [])).all()
    assert np.isnan(ratio([1, NAN], [NAN, 1])).all()
    assert np.isnan(ratio([1, 2], [-1, 1])).all()
    share, *ends = ratio([1, 1, 1], [-1, 1, 3])
    assert share == 1
    assert np.isnan(ends).all()


def test_a_report_on_photographs(folder):
    result, report = judge(folder)
    assert result.text == (folder.parent / "report" / "photos.md").read_text()
    assert result.text.startswith(f"5 photographs of {folder}: a face was found in 3")
    assert "2 left out" in result.text.splitlines()[0]
    for word in ("notes.txt", "wall.png: no face", "Missing: put"):
        assert any(word in why for why in result.left_out)
    assert report["people"] == 3
    people = {name: row["people"] for name, row in report["targets"].items()}
    assert people == {
        **{"11-20": 2, "21-30": 2, "31-40": 3, "41-50": 3, "51+": 2},
        **{"younger": 2, "older": 2},
    }
    assert "(too few: 2)" in result.text
    left = sorted(path.name for path in (folder.parent / "report").iterdir())
    assert left == ["photos.json", "photos.md"]


def test_what_is_in_the_report(folder):
    _, report = judge(folder)
    row = report["targets"]["51+"]  # of 15 and 25 years: 200 and 180 levels.
    assert row["input/Bright"][0] == pytest.approx(100 - 190 / 4)
    # 80 levels darker on a sixteenth of the face.
    assert row["crop/Bright"][0] == pytest.approx(100 - 185 / 4)
    assert row["crop/Half"][0] == pytest.approx(50 - 185 / 8)
    assert row["control/Bright"][0] == pytest.approx(100 - 190 / 4, abs=0.05)
    assert row["survival/Bright"][0] == pytest.approx(1, abs=0.1)
    assert row["not_found"] == row["no_crop"] == 0
    assert row["distance/photograph/Corner"][0] == pytest.approx(0, abs=3)
    # Three pairs of people are too few to set a threshold on.
    assert row["same/crop/Corner"] == [None] * 3
    assert "3 pairs of people are too few" in " ".join(report["notes"])


def test_who_is_not_found_again_has_not_aged(folder, monkeypatch):
    monkeypatch.setattr(SquareFinder, "darkest", 110)
    result, report = judge(folder)
    # The first's 200 - 80 levels are seen, the second's 180 - 80 are not.
    row = report["targets"]["51+"]
    assert (row["people"], row["not_found"]) == (2, 1)
    assert row["survival/Bright"][0] == pytest.approx(0.5, abs=0.1)
    assert row["photograph/Bright"][0] == pytest.approx(
        (row["crop/Bright"][0] + row["input/Bright"][0]) / 2, abs=0.1
    )
    assert "1 of 2" in result.text


def test_own_groups_are_judged_where_names_tell_nothing(folder):
    for path in list(folder.iterdir()):
        path.rename(path.with_name(f"x{path.name}"))
    result, report = judge(folder)
    # Judged 50, 55 and 60 years: the first is 41-50, the others 51+.
    assert report["targets"]["41-50"]["people"] == 2
    assert report["targets"]["51+"]["people"] == 1
    assert "0 known from file names, 3 judged by Bright" in result.text


def test_some_of_the_photographs(folder):
    result, report = judge(folder, num_faces=2)
    assert result.text.startswith(f"2 photographs of {folder} (of 5)")
    assert report["people"] == 1


def test_photographs_that_cannot_be(folder, tmp_path):
    with pytest.raises(DataError, match="--photos=.*no such folder"):
        judge(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="--photos=.*no files"):
        judge(tmp_path / "empty")
    for path in folder.glob("*_*"):
        path.unlink()
    with pytest.raises(DataError, match="no face was found in any of 2 files"):
        judge(folder)
    assert not list((tmp_path / "report").iterdir())


def test_a_face_is_found_again_where_it_was():
    near, far = face_at(12), face_at(50)

    def finder(photo):
        return [far, near]

    assert find_again(finder, None, face_at(10)) is near
    assert find_again(finder, None, face_at(30)) is None
    assert find_again(lambda *_: [], None, near) is None


@pytest.mark.parametrize(("spot", "share"), [(True, 1.0), (False, 0.0)])
def test_spots_are_kept_and_a_tint_is_not(
    spot, share, small_photo, tmp_path, monkeypatch
):
    (tmp_path / "photos").mkdir()
    images.write_image(tmp_path / "photos" / "25_1_0_grace.png", small_photo)
    use(monkeypatch, Darkener(size=64, spot=spot), FINDER)
    _, report = judge(tmp_path / "photos")
    row = report["targets"]["51+"]
    assert (row["people"], row["not_found"]) == (1, 0)
    assert row["survival/Bright"][0] == pytest.approx(share, abs=0.2)
    assert row["control/Bright"][0] == pytest.approx(row["input/Bright"][0], abs=0.5)


def test_few_people_are_named_and_items_are_spread():
    assert with_people("0.5", 29) == "0.5 (too few: 29)"
    assert with_people("0.5", 30) == "0.5"
    assert with_people("-", 3) == "-"
    assert evenly_spread("abcde", 3) == ["a", "c", "e"]
    assert evenly_spread("abcde", 0) == evenly_spread("abcde", 9) == list("abcde")
