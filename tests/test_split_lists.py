import importlib.util
from pathlib import Path

import pytest
from absl import flags

from ipcgan.data import cacd, list_file, split_lists, utkface
from ipcgan.data.records import SPLITS, DataError

# Splits of the people: see test_records.py.
FACES = (
    "12_Tom_Hanks_0003.jpg",
    "25_Tom_Hanks_0001.jpg",
    "30_Tom_Hanks_0002.jpg",
    "9_Tom_Hanks_0004.jpg",  # too young
    "my films/41_Penélope_Cruz_0001.jpg",
    "35_Eva_Green_0001.jpg",
    "51_Cate_Blanchett_0001.jpg",
    "50_Cate_Blanchett_0002.jpg",
)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "faces"
    for name in FACES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.fixture
def save(tmp_path):
    return tmp_path / "new" / "lists"


def load_tool():
    path = Path(__file__).parents[1] / "tools" / "prepare_dataset.py"
    spec = importlib.util.spec_from_file_location("prepare_dataset", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def run_tool(monkeypatch, *arguments):
    tool = load_tool()
    values = flags.FlagValues()
    tool.define_flags(values)
    values(["prepare_dataset.py", *arguments])
    monkeypatch.setattr(flags, "FLAGS", values)
    tool.main(["prepare_dataset.py"])


def snapshot(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_lists_hold_names_and_groups(root, save):
    split_lists.write_lists("cacd", str(root), str(save))
    texts = {path.name: path.read_text("utf-8") for path in save.iterdir()}
    assert {name: text for name, text in texts.items() if text} == {
        "train.txt": (
            "12_Tom_Hanks_0003.jpg 0\n"
            "25_Tom_Hanks_0001.jpg 1\n"
            "30_Tom_Hanks_0002.jpg 1\n"
            "my films/41_Penélope_Cruz_0001.jpg 3\n"
        ),
        "train_age_group_0.txt": "12_Tom_Hanks_0003.jpg 0\n",
        "train_age_group_1.txt": "25_Tom_Hanks_0001.jpg 1\n30_Tom_Hanks_0002.jpg 1\n",
        "train_age_group_3.txt": "my films/41_Penélope_Cruz_0001.jpg 3\n",
        "validation.txt": "35_Eva_Green_0001.jpg 2\n",
        "validation_age_group_2.txt": "35_Eva_Green_0001.jpg 2\n",
        "test.txt": "50_Cate_Blanchett_0002.jpg 3\n51_Cate_Blanchett_0001.jpg 4\n",
        "test_age_group_3.txt": "50_Cate_Blanchett_0002.jpg 3\n",
        "test_age_group_4.txt": "51_Cate_Blanchett_0001.jpg 4\n",
    }
    assert len(texts) == 3 * (1 + 5)  # the others are empty; nothing half is left.


def test_counts(root, save):
    counts = split_lists.write_lists("cacd", str(root), str(save))
    assert counts == split_lists.Counts(
        faces={
            "train": [1, 2, 0, 1, 0],
            "validation": [0, 0, 1, 0, 0],
            "test": [0, 0, 0, 1, 1],
        },
        in_no_group=1,
    )


def test_lists_read_back_and_share_nobody(root, save):
    split_lists.write_lists("cacd", str(root), str(save))
    known = {record.path: record for record in cacd.read_records(root)}
    people, listed = {}, []
    for split in SPLITS:
        records = list_file.read_records(save / f"{split}.txt", root)
        for record in records:
            assert record.group == known[record.path].group
        people[split] = {known[record.path].identity for record in records}
        listed += [record.path for record in records]
    assert people == {
        "train": {"Tom_Hanks", "Penélope_Cruz"},
        "validation": {"Eva_Green"},
        "test": {"Cate_Blanchett"},
    }
    assert sorted(listed) == sorted(path for path, r in known.items() if r.age > 10)


def test_group_lists_make_up_the_list_of_their_split(face_folder, save):
    counts = split_lists.write_lists("utkface", str(face_folder), str(save))
    whole = list_file.read_records(save / "train.txt", face_folder)
    parts = []
    for group in range(5):
        path = save / f"train_age_group_{group}.txt"
        part = list_file.read_records(path, face_folder)
        assert {record.group for record in part} == {group}
        assert len(part) == counts.faces["train"][group]
        parts += part
    by_path = {record.path: record for record in parts}
    assert [by_path[record.path] for record in whole] == whole
    assert len(parts) == len(whole)
    assert sum(map(sum, counts.faces.values())) == 20
    assert counts.in_no_group == 0
    assert len(utkface.read_records(face_folder)) == 20


def test_images_stay_as_they_are_and_old_lists_are_replaced(root, save):
    before = snapshot(root)
    split_lists.write_lists("cacd", str(root), str(save))
    first = {path.name: path.read_bytes() for path in save.iterdir()}
    (save / "train.txt").write_text("old")
    (save / "notes.txt").write_text("mine")
    split_lists.write_lists("cacd", str(root), str(save))
    assert snapshot(root) == before
    second = {path.name: path.read_bytes() for path in save.iterdir()}
    assert second == {**first, "notes.txt": b"mine"}


@pytest.mark.parametrize(
    "name", ["a\nb.jpg", "a\u2028b.jpg", "a.jpg ", "Ren\udce9.jpg"]
)
def test_a_name_that_a_list_cannot_hold_is_an_error(tmp_path, save, name):
    folder = tmp_path / "faces" / "0"
    folder.mkdir(parents=True)
    (folder / name).touch()
    with pytest.raises(DataError, match="rename it"):
        split_lists.write_lists("folder", str(tmp_path / "faces"), str(save))
    assert not save.exists()


def test_nobody_old_enough_is_an_error(tmp_path, save):
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "10_Tom_Hanks_0001.jpg").touch()
    with pytest.raises(DataError, match="none of 1 faces .* the youngest is 11-20"):
        split_lists.write_lists("cacd", str(tmp_path / "faces"), str(save))


@pytest.mark.parametrize("inner", ["", "lists"])
def test_lists_may_not_lie_among_the_images(root, inner):
    before = snapshot(root)
    with pytest.raises(DataError, match="expected a folder outside --root_folder"):
        split_lists.write_lists("cacd", str(root), str(root / inner))
    assert snapshot(root) == before


def test_tool_writes_lists(root, save, monkeypatch):
    run_tool(
        monkeypatch, "--dataset=cacd", f"--root_folder={root}", f"--save_dir={save}"
    )
    assert (save / "validation.txt").read_text() == "35_Eva_Green_0001.jpg 2\n"


def test_tool_ends_with_the_error(tmp_path, save, monkeypatch):
    with pytest.raises(SystemExit, match="error: .*none: no such folder"):
        run_tool(
            monkeypatch, f"--root_folder={tmp_path / 'none'}", f"--save_dir={save}"
        )


def test_tool_ends_when_it_cannot_write(root, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match="error: .*file"):
        run_tool(
            monkeypatch,
            "--dataset=cacd",
            f"--root_folder={root}",
            f"--save_dir={tmp_path / 'file'}",
        )
