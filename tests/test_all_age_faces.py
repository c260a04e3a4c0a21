"""All-Age-Faces in its real layout, small."""

import pytest

from ipcgan.age_groups import AGE_CGAN
from ipcgan.data import all_age_faces, sources
from ipcgan.data.records import DataError, Record, split_of


@pytest.fixture
def touch(tmp_path):
    """Makes empty files below a folder of the data set."""

    def make(*names):
        for name in names:
            path = tmp_path / "All-Age-Faces Dataset" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path / "All-Age-Faces Dataset"

    return make


BESIDE = (
    "readme.txt",
    "example/landmarks.jpg",
    "image sets/train.txt",
    "image sets/val.txt",
    "key points/00000A02.txt",
    "aglined faces/.DS_Store",
    "aglined faces/Thumbs.db",
    "original images/notes.txt",
)
FACES = ("00000A02", "07380A35", "07381A35", "13321A80")


def test_names_tell_age_and_gender_and_nobody_is_there_twice(touch):
    aligned = [f"aglined faces/{name}.jpg" for name in FACES]
    root = touch(*BESIDE, *aligned, *(f"original images/{n}.jpg" for n in FACES))
    expected = [
        Record(root / aligned[0], None, 2, gender="female"),
        Record(root / aligned[1], 2, 35, gender="female"),
        Record(root / aligned[2], 2, 35, gender="male"),
        Record(root / aligned[3], 4, 80, gender="male"),
    ]
    assert all_age_faces.read_records(root) == expected
    # The folder of images does as well, and one file alone tells the same.
    assert all_age_faces.read_records(root / "aglined faces") == expected
    told = sources.read_name("all_age_faces", root / aligned[1], root)
    assert told == expected[1]
    assert sources.read_name("all_age_faces", root / "readme.txt", root) is None
    (first, *_) = all_age_faces.read_records(root, AGE_CGAN)
    assert first.group == 0


def test_original_images_are_read_where_there_are_no_others(touch):
    root = touch(*BESIDE[:-3], "original images/07381A35.JPG", "example/1.jpg")
    (record,) = all_age_faces.read_records(root)
    assert record.path == root / "original images/07381A35.JPG"
    aligned = Record(root / "aglined faces/07381A35.JPG", 2)
    assert split_of(record) == split_of(aligned)


@pytest.mark.parametrize(
    "name",
    ["0000A02.jpg", "00000A2.jpg", "00000B02.jpg", "13322A20.jpg", "me.png"],
)
def test_a_name_that_cannot_be_read_is_told(touch, name):
    root = touch("aglined faces/00000A02.jpg", f"aglined faces/{name}")
    with pytest.raises(DataError, match=f"{name}: expected a name like 00000A02.jpg"):
        all_age_faces.read_records(root)


def test_a_folder_without_images_is_told(touch):
    with pytest.raises(DataError, match="aglined faces: has no image"):
        all_age_faces.read_records(touch("aglined faces/a.txt"))


def test_read_split_reads_it(touch):
    root = touch(*(f"aglined faces/{number:05d}A25.jpg" for number in range(50)))
    splits = [
        sources.read_split("all_age_faces", str(root), "", split)
        for split in ("train", "validation", "test")
    ]
    assert sum(map(len, splits)) == 50
    assert len(splits[0]) > 35  # 45 are expected; 2.1 is the standard deviation.
