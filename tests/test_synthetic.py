import numpy as np
import pytest

from ipcgan.data import images, synthetic, utkface


@pytest.mark.parametrize("size", [16, 32, 128])
def test_face_has_the_size(size):
    face = synthetic.draw_face(2, np.random.default_rng(0), size)
    assert face.shape == (size, size, 3)
    assert face.dtype == np.uint8


def test_faces_repeat_with_the_seed_only():
    first, again, other = (
        synthetic.draw_face(1, np.random.default_rng(seed), 32) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_older_faces_have_greyer_hair_and_darker_foreheads():
    random = np.random.default_rng(0)

    def draw_mean(group):
        faces = [synthetic.draw_face(group, random, 128) for _ in range(10)]
        return np.mean(faces, axis=0)

    means = [draw_mean(group) for group in range(5)]
    # At the top in the middle there is hair in every face; below it the forehead.
    hair_colour = [np.ptp(mean[16, 64]) for mean in means]
    forehead = [mean[24:52, 56:72].mean() for mean in means]
    assert hair_colour == sorted(hair_colour, reverse=True)
    assert forehead[4] < forehead[0] - 10


def test_folder_is_read_as_utkface(tmp_path):
    paths = synthetic.write_utkface_folder(tmp_path, faces_per_group=3, size=16)
    records = utkface.read_records(tmp_path)
    assert sorted(paths) == [record.path for record in records]
    groups = sorted(record.group for record in records)
    assert groups == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3
    for path in paths:
        assert images.read_image(path).shape == (16, 16, 3)


def test_fixture_has_faces_of_every_group(face_folder):
    records = utkface.read_records(face_folder)
    assert len(records) == 20
    assert {record.group for record in records} == {0, 1, 2, 3, 4}
