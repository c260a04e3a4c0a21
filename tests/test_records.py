from pathlib import Path

import pytest

from ipcgan.data import records
from ipcgan.data.records import DataError, Record

# First digits of `printf NAME | sha256sum`: below e666 is train, below f333 is
# validation (0.90 and 0.95 of ffff), the rest is test.
SPLIT_OF_PERSON = {
    "Tom_Hanks": "train",  # 0b36
    "Penélope_Cruz": "train",  # 401d
    "成龙": "train",  # 77ce
    "Eva_Green": "validation",  # e7c3
    "Cate_Blanchett": "test",  # f393
}
SPLIT_OF_FILE = {
    "i.jpg": "train",  # d44d
    "30_1_2_20170116174525154.jpg": "validation",  # ece1
    "face1.jpg": "validation",  # f325
    "face30.jpg": "test",  # f8e1
    "f.jpg": "test",  # ff80
}


@pytest.mark.parametrize(("person", "split"), SPLIT_OF_PERSON.items())
def test_split_is_that_of_the_person(person, split):
    for name in ("a.jpg", "f.jpg"):
        record = Record(Path(name), group=1, identity=person)
        assert records.split_of(record) == split


@pytest.mark.parametrize(("name", "split"), SPLIT_OF_FILE.items())
@pytest.mark.parametrize("folder", ["", "elsewhere/deep"])
def test_split_of_the_unnamed_is_that_of_the_file_name(name, split, folder):
    assert records.split_of(Record(Path(folder) / name, group=1)) == split


def test_split_of_a_name_that_is_not_utf8():
    # Python's form of the byte e9, é in Latin-1.
    record = Record(Path("Ren\udce9.jpg"), group=1)
    assert records.split_of(record) in records.SPLITS


def test_splits_have_their_shares():
    splits = [
        records.split_of(Record(Path("x.jpg"), 0, identity=f"person {number}"))
        for number in range(4000)
    ]
    # 4 standard deviations of 4000 draws: 4 * sqrt(4000 * p * (1 - p)).
    assert abs(splits.count("train") - 3600) < 76
    assert abs(splits.count("validation") - 200) < 55
    assert abs(splits.count("test") - 200) < 55


def test_select_sorts_and_leaves_out_the_too_young():
    train_c, train_b, young, test = (
        Record(Path("c.jpg"), group=0, identity="Tom_Hanks"),
        Record(Path("b.jpg"), group=1, identity="Tom_Hanks"),
        Record(Path("a.jpg"), group=None, identity="Tom_Hanks"),
        Record(Path("d.jpg"), group=4, identity="Cate_Blanchett"),
    )
    everyone = [train_c, train_b, young, test]
    assert records.select(everyone, "train") == [train_b, train_c]
    assert records.select(everyone, "validation") == []
    assert records.select(everyone, "test") == [test]


def test_by_group_lists_positions():
    faces = [Record(Path("x.jpg"), group) for group in (4, 0, 1, 2, 3, 1)]
    assert records.by_group(faces) == [[1], [2, 5], [3], [4], [0]]


def test_by_group_names_the_empty_groups():
    faces = [Record(Path("x.jpg"), group) for group in (0, 2, 4, 4)]
    with pytest.raises(DataError, match=r"group 21-30, 41-50 among 4 faces"):
        records.by_group(faces)


def test_by_group_of_nothing_is_an_error():
    with pytest.raises(DataError, match=r"51\+ among 0 faces"):
        records.by_group([])


def test_image_paths_are_sorted_without_hidden_ones(tmp_path):
    for name in ("b.jpg", "a/c.jpg", ".DS_Store", "a/._c.jpg", ".thumbnails/b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    expected = [tmp_path / "a" / "c.jpg", tmp_path / "b.jpg"]
    assert records.image_paths(tmp_path) == expected


def test_image_paths_below_a_hidden_root(tmp_path):
    root = tmp_path / ".cache"
    root.mkdir()
    (root / "a.jpg").touch()
    assert records.image_paths(root) == [root / "a.jpg"]


def test_image_paths_needs_files(tmp_path):
    with pytest.raises(DataError, match="none: no such folder"):
        records.image_paths(tmp_path / "none")
    with pytest.raises(DataError, match="no files"):
        records.image_paths(tmp_path)
