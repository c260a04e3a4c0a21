import numpy as np
import pytest

from ipcgan.data import aged_files, images
from ipcgan.data.faces import read_faces, spread_over_groups
from ipcgan.data.records import DataError, Record


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_aged_faces_are_found_by_the_names_that_test_py_gives(tmp_path):
    names = ["a.jpg", "a.jpg_1.jpg", "a.jpg_4.png", "b.png", "b.png_0.jpg", "sheet.jpg"]
    touch(tmp_path, *names)
    found = aged_files.read_aged_folder(tmp_path)
    assert {path.name: sorted(groups) for path, groups in found.items()} == {
        "a.jpg": [1, 4],
        "b.png": [0],
    }


def test_sources_may_lie_elsewhere_and_lack_aged_faces(tmp_path):
    touch(tmp_path, "in/a.jpg", "in/b.jpg", "out/a.jpg_2.jpg")
    sources = [tmp_path / "in" / name for name in ("a.jpg", "b.jpg")]
    found = aged_files.read_aged_folder(tmp_path / "out", sources)
    assert found == {sources[0]: {2: tmp_path / "out" / "a.jpg_2.jpg"}, sources[1]: {}}


def test_a_folder_without_aged_faces_is_an_error(tmp_path):
    touch(tmp_path, "a.jpg", "b.jpg_1.jpg")
    with pytest.raises(DataError, match="NAME.jpg_1.jpg"):
        aged_files.read_aged_folder(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no files"):
        aged_files.read_aged_folder(tmp_path / "empty")


def test_two_faces_for_one_place_are_an_error(tmp_path):
    touch(tmp_path, "a.jpg", "a.jpg_1.jpg", "a.jpg_1.png")
    with pytest.raises(DataError, match="two faces of one person aged to 21-30"):
        aged_files.read_aged_folder(tmp_path)


def test_csv_names_files_beside_it(tmp_path):
    touch(tmp_path, "a.jpg", "x/1.jpg", "x/2.jpg")
    table = tmp_path / "pairs.csv"
    table.write_text(
        "source,aged,target_group\na.jpg,x/1.jpg,51+\n\na.jpg, x/2.jpg,0\n"
    )
    assert aged_files.read_csv(table) == {
        tmp_path / "a.jpg": {4: tmp_path / "x" / "1.jpg", 0: tmp_path / "x" / "2.jpg"}
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: expected the header source,aged,target_group"),
        ("a.jpg,1.jpg,0\n", ":1: expected the header"),
        ("source,aged,target_group\n", "no line after the header"),
        ("source,aged,target_group\na.jpg,1.jpg\n", ":2: expected 3 columns"),
        ("source,aged,target_group\na.jpg,1.jpg,60\n", ":2: expected a group of 11-20"),
        ("source,aged,target_group\na.jpg,no.jpg,1\n", ":2: .*no.jpg: no such file"),
        (
            "source,aged,target_group\na.jpg,1.jpg,1\na.jpg,1.jpg,1\n",
            ":3: two faces of one person",
        ),
    ],
)
def test_bad_csv_is_named_with_its_line(tmp_path, text, message):
    touch(tmp_path, "a.jpg", "1.jpg")
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        aged_files.read_csv(tmp_path / "pairs.csv")


def test_faces_are_read_until_there_are_enough(tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    for name in "abc":
        images.write_image(tmp_path / f"{name}.png", np.zeros((6, 4, 3), np.uint8))
    paths = [tmp_path / name for name in ("broken.jpg", "a.png", "b.png", "c.png")]
    records = [Record(path, 0 if path.name == "a.png" else None) for path in paths]
    faces, unreadable = read_faces(records, 8, at_most=2)
    assert [record.path.name for record in faces.records] == ["a.png", "b.png"]
    assert faces.pixels.shape == (2, 8, 8, 3)
    np.testing.assert_array_equal(faces.groups, [0, -1])
    assert len(unreadable) == 1
    assert "broken.jpg" in unreadable[0]
    assert len(faces.at(np.array([False, True]))) == 1
    nobody, _ = read_faces([], 8)
    assert nobody.pixels.shape == (0, 8, 8, 3)


def test_every_beginning_has_all_groups_alike(tmp_path):
    groups = [0] * 10 + [1] * 3 + [4] * 10 + [None]
    records = [Record(tmp_path / str(i), group) for i, group in enumerate(groups)]
    order = spread_over_groups(records, np.random.default_rng(0))
    assert sorted(r.group for r in order[:9]) == [0] * 3 + [1] * 3 + [4] * 3
    assert order[-1].group is None
    assert len(set(order)) == len(records)
