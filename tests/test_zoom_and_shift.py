"""Images seen in another frame: by hand, and as OpenCV sees them."""

import cv2
import numpy as np
from keras import ops

from ipcgan.layers.zoom_and_shift import reframed


def test_a_frame_moves_the_image_and_repeats_its_edge():
    image = np.random.default_rng(0).normal(size=(1, 8, 8, 3)).astype("float32")
    frame = np.array([[1.0, 2 / 8, -1 / 8]], "float32")  # 2 pixels down, 1 to the left.
    seen = ops.convert_to_numpy(reframed(image, frame))
    np.testing.assert_allclose(seen[:, 2:, :-1], image[:, :-2, 1:], atol=1e-5)
    for row in (0, 1):
        np.testing.assert_allclose(seen[:, row, :-1], image[:, 0, 1:], atol=1e-5)
    np.testing.assert_allclose(seen[:, 2:, -1], image[:, :-2, -1], atol=1e-5)


def test_a_frame_sees_what_opencv_sees():
    size = 24
    noise = np.random.default_rng(0).normal(size=(2, size, size, 3))
    # Smooth: OpenCV rounds places to a 32nd of a pixel.
    images = [cv2.GaussianBlur(face, (0, 0), 3).astype("float32") for face in noise]
    frame = np.array([[1.2, 0.1, -0.05], [0.8, 0.0, 0.2]], "float32")
    seen = ops.convert_to_numpy(reframed(np.stack(images), frame))
    middle = (size - 1) / 2
    for image, (zoom, down, right), view in zip(images, frame, seen, strict=True):
        move = middle * (1 - zoom) + np.array([right, down]) * size
        matrix = np.array([[zoom, 0, move[0]], [0, zoom, move[1]]])
        expected = cv2.warpAffine(
            image, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE
        )
        np.testing.assert_allclose(view, expected, atol=5e-3)
