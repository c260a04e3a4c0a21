"""Files and folders are written whole, or stay as they were."""

import pytest

from ipcgan import atomic


class StoppedError(Exception):
    pass


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced(tmp_path):
    atomic.write_text(tmp_path / "a.txt", "before")
    atomic.write_text(tmp_path / "a.txt", "é\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\n".encode()
    assert names(tmp_path) == ["a.txt"]


def test_after_an_error_the_old_file_stays_alone(tmp_path):
    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(StoppedError), atomic.replacing(tmp_path / "a.txt") as partial:
        partial.write_text("half")
        raise StoppedError
    assert (tmp_path / "a.txt").read_text() == "before"
    assert names(tmp_path) == ["a.txt"]


def test_a_name_as_long_as_can_be(tmp_path):
    atomic.write_text(tmp_path / ("a" * 255), "")
    assert names(tmp_path) == ["a" * 255]


def test_a_folder_is_there_once_it_is_whole(tmp_path):
    (tmp_path / ".new.partial").mkdir()
    (tmp_path / ".new.partial" / "of a killed process").touch()
    with atomic.new_folder(tmp_path / "new") as partial:
        (partial / "a.txt").touch()
        assert names(tmp_path) == [".new.partial"]
    assert names(tmp_path) == ["new"]
    assert names(tmp_path / "new") == ["a.txt"]


def test_after_an_error_there_is_no_folder(tmp_path):
    with pytest.raises(StoppedError), atomic.new_folder(tmp_path / "new"):
        raise StoppedError
    assert names(tmp_path) == []
