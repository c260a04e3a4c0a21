"""FairFace in its real layout, small: train/, val/ and two CSV files."""

import pytest

from ipcgan.age_groups import AGE_CGAN, CACD, FFHQ_AGING
from ipcgan.data import fairface, sources
from ipcgan.data.records import DataError, Record, split_of

HEADER = "file,age,gender,race,service_test"
GOOD = "{},20-29,Female,Latino_Hispanic,False"


@pytest.fixture
def make(tmp_path):
    """Writes images, and lines of labels by split; returns the folder of all."""

    def write(faces=("train/1.jpg",), **lines):
        root = tmp_path / "fairface"
        for name in faces:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        for split, of_split in lines.items():
            text = "\n".join([HEADER, *of_split])
            (root / f"fairface_label_{split}.csv").write_text(f"{text}\n")
        return root

    return write


def test_labels_of_faces_that_are_there(make):
    root = make(
        faces=("train/1.jpg", "train/2.jpg", "val/1.jpg", "val/7.jpg", "readme.txt"),
        train=[
            "train/1.jpg,50-59,Male,East Asian,True",
            "train/2.jpg,3-9,Female,White,False",
            GOOD.format("train/3.jpg"),  # no such image
        ],
        val=[GOOD.format("val/1.jpg")],  # val/7.jpg is in no list.
    )
    expected = [
        Record(root / "train/1.jpg", 4, gender="male", race="East Asian"),
        Record(root / "train/2.jpg", None, gender="female", race="White"),
        Record(root / "val/1.jpg", 1, gender="female", race="Latino_Hispanic"),
    ]
    assert fairface.read_records(root) == expected
    for record in expected:
        assert sources.read_name("fairface", record.path, root) == record
    for name in ("val/7.jpg", "readme.txt"):
        assert sources.read_name("fairface", root / name, root) is None
    # Both splits have a 1.jpg: two people, who are trained on or kept out together.
    assert split_of(expected[0]) == split_of(expected[2])


def test_one_split_and_labels_above_do_as_well(make, tmp_path):
    root = make(faces=("val/1.jpg",), val=[GOOD.format("val/1.jpg")])
    (alone,) = fairface.read_records(root)
    assert fairface.read_records(root / "val") == [alone]
    assert sources.read_name("fairface", alone.path, root / "val") == alone
    (root / "fairface_label_val.csv").rename(tmp_path / "fairface_label_val.csv")
    assert fairface.read_records(root) == [alone]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (CACD, [None, None, 0, 1, 2, 3, 4, 4, 4]),
        (AGE_CGAN, [0, 0, 0, 1, 2, 3, 4, 5, 5]),
        (FFHQ_AGING, [0, None, None, 5, 6, 7, 8, 8, 9]),
    ],
)
def test_a_range_belongs_to_the_group_that_holds_four_fifths_of_it(
    make, groups, expected
):
    names = [f"train/{number}.jpg" for number in range(len(fairface.AGES))]
    lines = [
        f"{name},{age},Male,Black,True"
        for name, age in zip(names, fairface.AGES, strict=True)
    ]
    found = fairface.read_records(make(faces=names, train=lines), groups)
    assert [record.group for record in found] == expected
    assert {record.age for record in found} == {None}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("train/2.jpg,20+,Male,White,True", "age is '20[+]', expected one of 0-2, 3-9"),
        ("train/2.jpg,25,Male,White,True", "age is '25'.*more than 70"),
        ("train/2.jpg,20-29,male,White,True", "gender is 'male', expected Male or Fem"),
        ("train/2.jpg,20-29,Male,Asian,True", "race is 'Asian', expected one of White"),
        ("train/2.jpg,20-29,Male,White", "expected 5 columns, got 4"),
        (GOOD.format("train/1.jpg"), "train/1.jpg is there twice; before in .*csv:2"),
        (GOOD.format("./train/1.jpg"), "train/1.jpg is there twice"),
        (GOOD.format("../1.jpg"), "file is '../1.jpg', expected a name below the fold"),
        (GOOD.format("train/../../1.jpg"), "file is 'train/../../1.jpg'"),
        (GOOD.format("/etc/passwd"), "file is '/etc/passwd'"),
        (GOOD.format(""), "file is ''"),
        (f"train/2.jpg,{'9' * 5000},Male,White,True", "age is '9{60}', expected"),
    ],
)
def test_a_bad_line_is_named(make, line, reason):
    root = make(train=[GOOD.format("train/1.jpg"), "", line])
    with pytest.raises(DataError, match=f"fairface_label_train.csv:4: .*{reason}"):
        fairface.read_records(root)


def test_what_is_missing_is_named(make):
    root = make()
    with pytest.raises(DataError, match=r"expected fairface_label_train.csv or .*abov"):
        fairface.read_records(root)
    make(train=[GOOD.format("train/2.jpg"), GOOD.format("train/3.jpg")])
    with pytest.raises(DataError, match="none of 2 labelled images is there"):
        fairface.read_records(root)


def test_new_labels_are_read_anew(make):
    root = make(train=[GOOD.format("train/1.jpg")])
    assert fairface.read_records(root)[0].group == 1
    make(train=["train/1.jpg,more than 70,Male,White,True"])
    assert fairface.read_records(root)[0].group == 4


def test_read_split_reads_it(make):
    names = [f"train/{number}.jpg" for number in range(40)]
    root = make(faces=names, train=map(GOOD.format, names))
    splits = [
        sources.read_split("fairface", str(root), "", split)
        for split in ("train", "validation", "test")
    ]
    assert sum(map(len, splits)) == 40
    assert len(splits[0]) > 28  # 36 are expected; 1.9 is the standard deviation.
