"""Differentiable zoom and shift of images."""

import keras
from keras import ops


def reframed(image, frame):
    """Zooms into each image and moves it, bilinearly; differentiable in the image.

    Args:
        image: [N, S, S, C]; beyond its edges stands what stands at them.
        frame: [N, 3] float: by how much it grows (1: stays) around its middle, and by
            how much of its width it then moves down and to the right.

    Returns:
        [N, S, S, C], of the image's dtype.
    """
    size = image.shape[1]
    zoom, down, right = (frame[:, i, None] for i in range(3))
    rows = _weights(size, zoom, down)
    columns = _weights(size, zoom, right)
    seen = ops.einsum("nyj,njkc->nykc", rows, ops.cast(image, "float32"))
    seen = ops.einsum("nxk,nykc->nyxc", columns, seen)
    return ops.cast(seen, keras.backend.standardize_dtype(image.dtype))


def _weights(size, zoom, shift):
    """Returns [N, size, size]: what pixels each pixel of the view is a sum of."""
    pixels = ops.arange(size, dtype="float32")
    middle = (size - 1) / 2
    places = (pixels[None] - middle - shift * size) / zoom + middle
    places = ops.clip(places, 0.0, size - 1.0)
    return ops.relu(1.0 - ops.abs(places[..., None] - pixels))
