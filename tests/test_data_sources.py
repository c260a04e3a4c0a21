import pytest

from ipcgan.age_groups import AGE_CGAN, FFHQ_AGING
from ipcgan.data import cacd, folder, list_file, sources, utkface
from ipcgan.data.records import DataError, Record


@pytest.fixture
def touch(tmp_path):
    """Makes empty files below tmp_path; readers look at names only."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


@pytest.fixture
def listed(tmp_path):
    """Writes a list file and reads it, relative to a folder named faces."""

    def read(text, encoding="utf-8"):
        (tmp_path / "list.txt").write_bytes(text.encode(encoding))
        return list_file.read_records(tmp_path / "list.txt", tmp_path / "faces")

    return read


def test_utkface_labels(touch):
    root = touch(
        "part1/25_0_2_20170116174525125.jpg.chip.jpg",
        "part1/1_1_4_20161219140623097.jpg",
        "part 2/110_1_3_20170110183726390.JPG",
    )
    assert utkface.read_records(root) == [
        Record(
            root / "part 2/110_1_3_20170110183726390.JPG",
            group=4,
            age=110,
            gender="female",
            race="Indian",
        ),
        Record(
            root / "part1/1_1_4_20161219140623097.jpg",
            group=None,
            age=1,
            gender="female",
            race="Other",
        ),
        Record(
            root / "part1/25_0_2_20170116174525125.jpg.chip.jpg",
            group=1,
            age=25,
            gender="male",
            race="Asian",
        ),
    ]


@pytest.mark.parametrize(
    ("name", "age"),
    [
        ("24_0_1_20170116220224657 .jpg.chip.jpg", 24),
        ("44_1_4_20170116235150272.pg.chip.jpg", 44),
        ("55_0_0_20170116232725357jpg.chip.jpg", 55),
        # Other collections whose names are alike:
        ("31_1_2_aaf07885.webp", 31),
        ("62_0_3_20170116174525125.png", 62),
    ],
)
def test_utkface_odd_names_of_the_collection_are_read(touch, name, age):
    (record,) = utkface.read_records(touch(name))
    assert record.age == age


@pytest.mark.parametrize(
    "name",
    [
        "61_1_20170109142408075.jpg.chip.jpg",  # one of three that lack a label
        "25_2_0_20170116174525125.jpg",  # no such gender
        "25_0_5_20170116174525125.jpg",  # no such race
        "_0_0_20170116174525125.jpg",
        "1000_0_0_20170116174525125.jpg",
        "-5_0_0_20170116174525125.jpg",
        "25_0_0_.jpg",
        "Thumbs.db",
    ],
)
def test_utkface_names_the_file_that_it_cannot_read(touch, name):
    root = touch("25_0_2_20170116174525125.jpg", name)
    with pytest.raises(DataError, match=f"{name}: expected a name like 25_0_2_"):
        utkface.read_records(root)


def test_cacd_labels(touch):
    root = touch(
        "53_Robin_Williams_0001.jpg",
        "35_Penélope_Cruz_0012.jpg",
        "10_Jean-Luc_O'Hara_0003.JPG",
        "62_成 龙_0002.png",
    )
    young, cruz, williams, chan = cacd.read_records(root)
    assert young == Record(
        root / "10_Jean-Luc_O'Hara_0003.JPG", None, 10, "Jean-Luc_O'Hara"
    )
    assert cruz == Record(
        root / "35_Penélope_Cruz_0012.jpg", 2, 35, identity="Penélope_Cruz"
    )
    assert williams == Record(
        root / "53_Robin_Williams_0001.jpg", 4, 53, identity="Robin_Williams"
    )
    assert chan == Record(root / "62_成 龙_0002.png", 4, 62, identity="成 龙")


@pytest.mark.parametrize(
    "name",
    [
        "Robin_Williams_0001.jpg",
        "53_0001.jpg",
        "53_Robin_Williams_1.jpg",
        "53_Robin_Williams_0001.gif",
        "53_Robin_Williams_0001",
        "1953_Robin_Williams_0001.jpg",
    ],
)
def test_cacd_names_the_file_that_it_cannot_read(touch, name):
    with pytest.raises(DataError, match=f"{name}: expected a name like 53_Robin"):
        cacd.read_records(touch(name))


def test_folder_takes_names_and_numbers(touch):
    root = touch("11-20/a b.jpg", "51+/père/é.png", "2/0.jpg")
    assert folder.read_records(root) == [
        Record(root / "11-20/a b.jpg", group=0),
        Record(root / "2/0.jpg", group=2),
        Record(root / "51+/père/é.png", group=4),
    ]


@pytest.mark.parametrize("name", ["a.jpg", "0", "5/a.jpg", "old/a.jpg", "50+/a.jpg"])
def test_folder_names_the_file_outside_the_groups(touch, name):
    with pytest.raises(DataError) as error:
        folder.read_records(touch(name))
    assert str(touch(name) / name) in str(error.value)
    assert "11-20, 21-30, 31-40, 41-50, 51+ or 0 to 4" in str(error.value)


@pytest.mark.parametrize("reader", sources.READERS.values())
def test_readers_need_a_folder_with_files(reader, tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        reader(tmp_path / "none")
    with pytest.raises(DataError, match="no files"):
        reader(tmp_path)


def test_list_gives_path_and_label(listed, tmp_path):
    faces = tmp_path / "faces"
    assert listed("a.jpg 0\n\nsub/b c 1.jpg 4  \r\n  成龙.png 2") == [
        Record(faces / "a.jpg", group=0),
        Record(faces / "sub/b c 1.jpg", group=4),
        Record(faces / "成龙.png", group=2),
    ]


def test_list_may_begin_with_a_byte_order_mark(listed, tmp_path):
    (record,) = listed("a.jpg 1\n", encoding="utf-8-sig")
    assert record.path == tmp_path / "faces" / "a.jpg"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a.jpg", "expected 'image label', got 'a.jpg'"),
        ("3", "expected 'image label', got '3'"),
        ("my face.jpg", "expected a label from 0 to 4, got 'face.jpg'"),
        ("a.jpg 5", "expected a label from 0 to 4, got '5'"),
        ("a.jpg -1", "expected a label from 0 to 4, got '-1'"),
        ("a.jpg 1.0", "expected a label from 0 to 4, got '1.0'"),
        ("a.jpg ²", "expected a label from 0 to 4, got '²'"),
        ("a.jpg " + "9" * 5000, "expected a label from 0 to 4, got '99"),
        ("../a.jpg 1", "below the root folder, got '../a.jpg'"),
        ("b/../../a.jpg 1", "below the root folder, got 'b/../../a.jpg'"),
        ("/etc/passwd 1", "below the root folder, got '/etc/passwd'"),
    ],
)
def test_list_names_the_line_that_it_cannot_read(listed, line, reason):
    with pytest.raises(DataError, match=f"list.txt:3: .*{reason}"):
        listed(f"a.jpg 0\n\n{line}\nb.jpg 1\n")


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_list_must_not_be_empty(listed, text):
    with pytest.raises(DataError, match="list.txt: the list is empty"):
        listed(text)


def test_list_must_be_utf8(listed):
    with pytest.raises(DataError, match="list.txt: cannot be read"):
        listed("é.jpg 1", encoding="latin-1")


def test_list_must_be_there(tmp_path):
    with pytest.raises(DataError, match="none.txt: cannot be read"):
        list_file.read_records(tmp_path / "none.txt", tmp_path)


def test_read_split_gives_faces_of_that_split_and_some_group(touch):
    # Splits of the people: see test_records.py.
    root = touch(
        "53_Tom_Hanks_0001.jpg", "9_Tom_Hanks_0002.jpg", "31_Eva_Green_0001.jpg"
    )
    names = {
        split: [r.path.name for r in sources.read_split("cacd", str(root), "", split)]
        for split in ("train", "validation", "test")
    }
    assert names == {
        "train": ["53_Tom_Hanks_0001.jpg"],
        "validation": ["31_Eva_Green_0001.jpg"],
        "test": [],
    }


def test_read_split_takes_a_whole_list_to_train_on(touch, tmp_path):
    root = touch("faces/f.jpg") / "faces"
    (tmp_path / "list.txt").write_text("f.jpg 3\n")
    arguments = ("utkface", str(root), str(tmp_path / "list.txt"))
    assert sources.read_split(*arguments, "train") == [Record(root / "f.jpg", 3)]
    assert sources.read_split(*arguments, "validation") == []


@pytest.mark.parametrize("root_folder", ["", "none"])
def test_read_split_names_the_missing_folder(root_folder):
    with pytest.raises(DataError, match=f"--root_folder={root_folder}: no such"):
        sources.read_split("utkface", root_folder, "", "train")


def test_several_folders_are_one_collection(touch, tmp_path):
    names = [f"{age}_0_2_{number}.jpg" for number in range(9) for age in (15, 35)]
    root = touch(*(f"first/{n}" for n in names[:9]), *(f"b, c/{n}" for n in names[9:]))
    first, second = root / "first", root / "b, c"
    alone = [
        sources.read_split("utkface", str(f), "", "train") for f in (first, second)
    ]
    assert len(alone[1]) > 0  # whose name has a comma.
    twice = f"{first},{first}"
    assert sources.read_split("utkface", twice, "", "train") == alone[0]
    second = second.rename(root / "second")
    both = sources.read_split("utkface", f"{first},{second}", "", "train")
    assert len(both) == len(alone[0]) + len(alone[1])
    told = [record.collection for record in both]
    assert told == [0] * len(alone[0]) + [1] * len(alone[1])
    with pytest.raises(DataError, match=f"--root_folder={root}/third: no such"):
        sources.read_split("utkface", f"{first},{root}/third", "", "train")
    (tmp_path / "list.txt").write_text(f"{names[0]} 1\n")
    with pytest.raises(DataError, match="a list file is of one folder"):
        sources.read_split(
            "utkface", f"{first},{second}", str(tmp_path / "list.txt"), "train"
        )


def test_every_reader_can_have_other_groups(touch):
    root = touch("1_1_4_20161219140623097.jpg", "60_1_4_20161219140623097.jpg")
    found = utkface.read_records(root, AGE_CGAN)
    assert [record.group for record in found] == [0, 5]
    found = utkface.read_records(root, FFHQ_AGING)
    assert [record.group for record in found] == [0, 8]
    (record,) = cacd.read_records(
        touch("cacd/18_Eva_Green_0001.jpg") / "cacd", AGE_CGAN
    )
    assert record.group == 0
    root = touch("groups/50-59/a.jpg", "groups/5/b.jpg") / "groups"
    found = folder.read_records(root, AGE_CGAN)
    assert sorted(record.group for record in found) == [4, 5]
    (root / "list.txt").write_text("5/b.jpg 5\n")
    (record,) = list_file.read_records(root / "list.txt", root, AGE_CGAN)
    assert record.group == 5


def test_one_name_tells_its_group_or_nothing(touch):
    root = touch("25_0_2_20170116174525125.jpg", "me.jpg")
    told = sources.read_name("utkface", root / "25_0_2_20170116174525125.jpg", root)
    assert told.group == 1
    assert sources.read_name("utkface", root / "me.jpg", root) is None
