import pathlib

import matplotlib
import numpy as np

from ipcgan import photos
from ipcgan.data import images

SAMPLES = pathlib.Path(__file__).parents[1] / "images" / "test"


def test_a_face_is_cut_out_of_a_photograph_as_the_samples_were():
    photo = images.read_image(
        pathlib.Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    )
    (face,) = photos.cut_faces(photo, size=100)
    sample = images.resize(images.read_image(SAMPLES / "admiral.png"), 100)
    # The same cut, but that dlib's own skips pixels. A pixel's shift is 12 levels.
    assert np.abs(face.astype(int) - sample).mean() < 2


def test_no_face_no_cut():
    assert photos.cut_faces(np.zeros((100, 100, 3), np.uint8)) == []
