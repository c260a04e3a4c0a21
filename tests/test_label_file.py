import pytest

from ipcgan.data import label_file
from ipcgan.data.records import DataError


@pytest.fixture
def read(tmp_path):
    """Writes labels.csv and reads the columns file and age of it."""

    def write(content):
        path = tmp_path / "labels.csv"
        path.write_bytes(content)
        return label_file.read_rows(path, ("file", "age"))

    return write


def test_rows_have_their_line_and_every_column(read, tmp_path):
    rows = read(b'\xef\xbb\xbfage,more,file\r\n\r\n 3 ,x,"a, b.jpg"\r\n4,,c.jpg')
    assert rows == [
        (f"{tmp_path}/labels.csv:3", {"age": "3", "more": "x", "file": "a, b.jpg"}),
        (f"{tmp_path}/labels.csv:4", {"age": "4", "more": "", "file": "c.jpg"}),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", ":1: expected the columns file, age; file, age is missing"),
        (b"file,years\na,1\n", ":1: expected the columns file, age; age is missing"),
        (b"file,age\n", "no line after the header"),
        (b"file,age\na,1\n\nb\n", ":4: expected 2 columns, got 1"),
        (b"file,age\na,1,2\n", ":2: expected 2 columns, got 3"),
        (b"file,age\n\xff,1\n", "cannot be read: .*utf-8"),
        (b"file,age\n" + b"a" * 200_000 + b",1\n", "cannot be read: field larger"),
    ],
)
def test_what_is_wrong_is_named(read, content, reason):
    with pytest.raises(DataError, match=f"labels.csv.*{reason}"):
        read(content)


def test_a_file_has_a_largest_size(read, monkeypatch):
    monkeypatch.setattr(label_file, "MOST_BYTES", 13)
    assert len(read(b"file,age\na,1\n")) == 1
    with pytest.raises(DataError, match=r"labels.csv: expected at most 13 bytes"):
        read(b"file,age\na,10\n")


def test_a_file_must_be_there(tmp_path):
    with pytest.raises(DataError, match="none.csv: cannot be read"):
        label_file.read_rows(tmp_path / "none.csv", ("file",))
