"""Interpolation of square maps to another size."""

from keras import ops


def resized(maps, side: int):
    """Returns maps [N, S, S, C] as [N, side, side, C], interpolated linearly."""
    if maps.shape[1:3] == (side, side):
        return maps
    return ops.image.resize(maps, (side, side), interpolation="bilinear")
