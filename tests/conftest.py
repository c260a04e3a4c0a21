"""Fixtures that several test modules share."""

import pytest

from ipcgan.data import synthetic


@pytest.fixture(scope="session")
def face_folder(tmp_path_factory):
    """A folder of four drawn faces per age group, 32 pixels, named as in UTKFace.

    Read only: every test shares it.
    """
    folder = tmp_path_factory.mktemp("faces")
    synthetic.write_utkface_folder(folder, faces_per_group=4, size=32, seed=0)
    return folder
