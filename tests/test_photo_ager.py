"""Photographs aged from Python."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.changed_config import with_config
from test_photos import FINDER

import ipcgan
from ipcgan import checkpoints
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.inference.own_ages import OwnAges
from ipcgan.runs.age import photo_ager

ROWS = slice(60, 100)  # of the face in small_photo.


@pytest.fixture(scope="module")
def ager(checkpoint):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(photo_ager, "FaceFinder", lambda: FINDER)
        made = ipcgan.PhotoAger(checkpoint, batch_size=4)
        yield made


@pytest.fixture(autouse=True)
def one_finder_for_all(monkeypatch):
    monkeypatch.setattr(photo_ager, "FaceFinder", lambda: FINDER)


def test_whole_photographs_come_back_at_every_age(ager, small_photo):
    before = small_photo.copy()
    found = ager(small_photo, ages=(30, 70))
    assert found.photographs.shape == (2, *small_photo.shape)
    assert found.photographs.dtype == np.uint8
    assert found.labels == ("30", "70")
    assert found.crops.shape == (1, 16, 16, 3)
    assert found.aged.shape == (1, 2, 16, 16, 3)
    assert (found.own_ages, found.face_labels) == (None, (("30", "70"),))
    assert found.decision == "photograph: 1 of 1 face"
    np.testing.assert_array_equal(small_photo, before)
    (face,) = found.faces
    left, top, right, bottom = face.box
    changed = (found.photographs[1] != small_photo).any(axis=(1, 2))
    assert 0 <= left < right <= 171 and 0 <= top < bottom <= 200
    assert changed[ROWS].all() and not changed[:10].any()


def test_a_file_a_path_and_its_pixels_give_the_same(ager, small_photo, tmp_path):
    path = tmp_path / "photo.png"
    images.write_image(path, small_photo)
    pixels = ager(small_photo, groups=("51+", 1)).photographs
    for photo in (path, str(path)):
        found = ager(photo, groups=("51+", 1))
        np.testing.assert_array_equal(found.photographs, pixels)
        assert found.labels == ("51+", "21-30")


def test_all_faces_and_no_change_at_all(ager, small_photo):
    both = np.hstack([small_photo, small_photo])
    found = ager(both, (40,), face="all", strength=0)
    assert len(found.faces) == len(found.crops) == 2
    np.testing.assert_array_equal(found.photographs[0], both)
    assert len(ager(both, (40,)).faces) == 1


def test_a_face_is_picked_by_number_or_place(ager, small_photo):
    both = np.hstack([small_photo, small_photo])
    (second,) = ager(both, (40,), face=2).faces
    (there,) = ager(both, (40,), face=f"{round(second.points[4, 0])},100").faces
    assert there.box == second.box
    with pytest.raises(DataError, match="there is no face 3; 2 faces were found"):
        ager(both, (40,), face=3)


def test_ages_from_a_faces_own(ager, small_photo, monkeypatch):
    found = ager(small_photo, ("+20", "-10"), source_age=40)
    assert found.own_ages.tolist() == [40.0]
    assert found.labels == ("+20", "-10")
    assert found.face_labels == (("60", "30"),)
    years = ager(small_photo, (60, 30))
    np.testing.assert_array_equal(found.photographs, years.photographs)
    monkeypatch.setattr(OwnAges, "__call__", lambda self, faces: np.array([30.0]))
    assert ager(small_photo, ("+5",)).face_labels == (("35",),)


def test_faces_that_were_found_before_are_not_looked_for(
    ager, small_photo, monkeypatch
):
    both = np.hstack([small_photo, small_photo])
    found = FINDER(both)
    expected = ager(both, (60,), face=2)
    monkeypatch.setattr(ager, "_finder", None)
    monkeypatch.setattr(photo_ager, "FaceFinder", None)
    again = ager(both, (60,), faces=found[1:])
    np.testing.assert_array_equal(again.photographs, expected.photographs)
    assert again.decision == "photograph: 1 given face"
    own = ager(both, ("+20",), faces=found, source_age=(30, 50))
    assert own.face_labels == (("50",), ("70",))
    with pytest.raises(ValueError, match="each of 2 `faces`"):
        ager(both, ("+20",), faces=found, source_age=(30,))
    with pytest.raises(ValueError, match="at least one"):
        ager(both, (60,), faces=())


def test_threads_get_what_one_gets(ager, small_photo):
    alone = [ager(small_photo, (years,)).photographs for years in (20, 60)]
    with ThreadPoolExecutor(4) as pool:
        asked = [20, 60] * 4
        found = list(pool.map(lambda years: ager(small_photo, (years,)), asked))
    for years, result in zip(asked, found, strict=True):
        np.testing.assert_array_equal(result.photographs, alone[years == 60])


PHOTO = np.full((60, 50, 3), 99, np.uint8)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ((PHOTO.astype(float), (30,)), TypeError, "uint8"),
        ((PHOTO[..., 0], (30,)), ValueError, r"\[H, W, 3\] RGB, got \(60, 50\)"),
        ((PHOTO[None], (30,)), ValueError, r"\(1, 60, 50, 3\)"),
        ((PHOTO[:0], (30,)), ValueError, r"\(0, 50, 3\)"),
        (([[1]], (30,)), TypeError, "file, or"),
        ((PHOTO, 70), TypeError, r"ages must be years such as \(30, 70\)"),
        ((PHOTO, "70"), TypeError, "ages must be"),
        ((PHOTO, ("70",)), TypeError, "got '70'"),
        ((PHOTO, (30.5,)), TypeError, "got 30.5"),
        ((PHOTO, (True,)), TypeError, "got True"),
        ((PHOTO, ()), ValueError, "got none"),
        ((PHOTO, (30, "+20")), ValueError, "either"),
        ((PHOTO, (5,)), ValueError, "ages to 11 to 100 years"),
        ((PHOTO, (101,)), ValueError, "ages to 11 to 100 years"),
        ((PHOTO, ("-20",), {"source_age": 25}), ValueError, "--source_age=25"),
        ((PHOTO, ("-20",), {"source_age": 125}), ValueError, "from 0 to 100"),
        ((PHOTO, ("-20",), {"source_age": "x"}), TypeError, "whole years"),
        ((PHOTO, (30,), {"groups": (1,)}), ValueError, "not both"),
        ((PHOTO, None, {"groups": (7,)}), ValueError, "groups 0 to 4"),
        ((PHOTO, None, {"groups": ("old",)}), ValueError, "11-20, 21-30"),
        ((PHOTO, None, {"groups": "51+"}), TypeError, "numbers or names"),
        ((PHOTO, (30,), {"face": "both"}), ValueError, "largest, all"),
        ((PHOTO, (30,), {"strength": 3}), ValueError, "from 0 to 2: 3"),
        ((PHOTO, (30,), {"strength": "x"}), TypeError, "number"),
        ((PHOTO, (30,)), DataError, "the photograph: no face was found"),
        (("no.jpg", (30,)), images.ImageError, "no.jpg"),
    ],
)
def test_wrong_arguments_get_a_sentence(arguments, error, match, ager):
    *positional, named = (
        arguments if isinstance(arguments[-1], dict) else (*arguments, {})
    )
    with pytest.raises(error, match=match) as raised:
        ager(*positional, **named)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("named", "match"),
    [
        ({"engine": "torch"}, "--engine=torch: expected one of auto, keras"),
        ({"batch_size": 0}, "whole number from 1: 0"),
        ({"batch_size": 2.5}, "whole number from 1: 2.5"),
        ({"detector": "nobody"}, "nobody"),
    ],
)
def test_a_wrong_engine_or_size_gets_a_sentence(named, match, checkpoint):
    with pytest.raises(ValueError, match=match):
        ipcgan.PhotoAger(checkpoint, **named)


def test_judged_years_of_the_checkpoint_are_used(
    checkpoint, ager, small_photo, tmp_path
):
    years = [20, 30, 40, 50, 60]
    folder = with_config(checkpoint, tmp_path / "copy", judged_years=years)
    calibrated = ipcgan.PhotoAger(folder)(small_photo, ages=(50,))
    of_group = ager(small_photo, groups=("41-50",))
    np.testing.assert_array_equal(calibrated.photographs, of_group.photographs)


@pytest.mark.parametrize(
    "years", ["x", [1, 2], [20, 30, 30, 40, 50], [20, 30, 40, 50, 300], [None] * 5]
)
def test_judged_years_that_cannot_be_are_an_error(years, checkpoint, tmp_path):
    folder = with_config(checkpoint, tmp_path / "copy", judged_years=years)
    with pytest.raises(checkpoints.CheckpointError, match="judged_years"):
        ipcgan.PhotoAger(folder)


def test_importing_the_package_loads_nothing_slow():
    program = (
        "import sys, ipcgan; "
        "assert {'FaceAger', 'PhotoAger'} <= set(ipcgan.__all__); "
        "assert not {'cv2', 'keras', 'numpy', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], check=True, env=os.environ
    )
