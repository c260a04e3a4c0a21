"""What ageing leaves where it is: losses of pixels."""

from keras import ops

from ipcgan.losses.mean import mean_of


def absolute_error(image, other, of_face=None):
    """Mean absolute difference of pixels.

    Args:
        image: [N, H, W, 3] in [-1, 1].
        other: [N, H, W, 3] in [-1, 1].
        of_face: [N] of 0 or 1: which faces count; None: all.

    Returns:
        Scalar in [0, 2]; 0 where no face counts.

    Raises:
        ValueError: if the shapes differ.
    """
    _check_shapes(image, other)
    return mean_of(ops.mean(ops.abs(image - other), axis=(1, 2, 3)), of_face)


def squared_error(image, other):
    """Mean squared difference of pixels.

    Where what is wanted cannot be told for certain from a face, it is least for the
    mean of all that may be wanted; the absolute difference is for the median, which
    changes less.

    Args:
        image: [N, H, W, 3] in [-1, 1].
        other: [N, H, W, 3] in [-1, 1].

    Returns:
        Scalar in [0, 4].

    Raises:
        ValueError: if the shapes differ.
    """
    _check_shapes(image, other)
    return ops.mean(ops.square(image - other))


def _check_shapes(image, other):
    if image.shape != other.shape:
        raise ValueError(
            f"Images must have one shape, got {image.shape} and {other.shape}."
        )


def tone_difference(image, other, block=16):
    """Mean absolute difference of the mean colours of blocks of pixels.

    It holds tone and light where they are and leaves lines and folds free.

    Args:
        image: [N, H, W, 3] in [-1, 1].
        other: [N, H, W, 3] in [-1, 1].
        block: side of a block in pixels; a remainder at the edge is left out.

    Returns:
        Scalar in [0, 2].
    """
    difference = ops.average_pool(image - other, block, block, padding="valid")
    return ops.mean(ops.abs(difference))


def chroma_difference(image, other):
    """Mean absolute difference of colour, pixel by pixel, brightness left out.

    Lines and folds are brightness; tints and coloured dots are not.

    Args:
        image: [N, H, W, 3] in [-1, 1].
        other: [N, H, W, 3] in [-1, 1].

    Returns:
        Scalar in [0, 2]; 0 where the images differ by shades of grey alone.
    """
    difference = image - other
    return ops.mean(ops.abs(difference - ops.mean(difference, axis=-1, keepdims=True)))


def total_variation(image):
    """Differences of neighbouring pixels: summed over the image, mean over faces.

    Args:
        image: [N, H, W, 3] in [-1, 1].

    Returns:
        Scalar >= 0; 0 for an image of one colour.

    Source: Rudin, Osher, Fatemi 1992, anisotropic; summed as TensorFlow does.
    """
    down = ops.sum(ops.abs(image[:, 1:] - image[:, :-1]), axis=(1, 2, 3))
    across = ops.sum(ops.abs(image[:, :, 1:] - image[:, :, :-1]), axis=(1, 2, 3))
    return ops.mean(down + across)
