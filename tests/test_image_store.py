from pathlib import Path

import numpy as np
import pytest

from ipcgan.data import images
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record

FACE_BYTES = 8 * 8 * 3


@pytest.fixture
def face_path(tmp_path):
    path = tmp_path / "face.png"
    images.write_image(path, np.full((4, 6, 3), 9, np.uint8))
    return path


def make_store(paths, memory_bytes=0):
    records = [Record(path, group=0) for path in paths]
    return ImageStore(records, image_size=8, memory_bytes=memory_bytes)


def test_face_is_resized(face_path):
    face = make_store([face_path]).face(0)
    np.testing.assert_array_equal(face, np.full((8, 8, 3), 9))
    assert face.dtype == np.uint8


def test_faces_are_kept_while_there_is_room(face_path, tmp_path):
    other_path = tmp_path / "other.png"
    other_path.write_bytes(face_path.read_bytes())
    store = make_store([face_path, other_path], memory_bytes=2 * FACE_BYTES - 1)
    first = store.face(0)
    store.face(1)
    for path in (face_path, other_path):
        path.unlink()
    np.testing.assert_array_equal(store.face(0), first)
    with pytest.raises(DataError, match="other.png: no such file"):
        store.face(1)


def test_unreadable_files_are_counted_up_to_one_in_a_hundred(face_path):
    missing = [Path(f"missing {number}.jpg") for number in range(3)]
    store = make_store([face_path] * 197 + missing, memory_bytes=FACE_BYTES)
    for position in (197, 198, 197):
        assert store.face(position) is None
    assert list(store.unreadable) == [197, 198]
    assert store.face(0) is not None

    with pytest.raises(DataError) as error:
        store.face(199)
    message = str(error.value)
    assert "3 of 200 images cannot be read (at most 1% may)" in message
    for path in missing:
        assert f"{path}: no such file" in message
