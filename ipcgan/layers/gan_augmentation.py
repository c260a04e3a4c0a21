"""Differentiable augmentation of colour and framing for the discriminator."""

from keras import ops

from ipcgan.layers.zoom_and_shift import reframed

# What a draw of +-1 means.
ZOOM = 0.05  # as an exponent.
SHIFT = 0.06  # of the width.
BRIGHTNESS = 0.3  # of [-1, 1].
CONTRAST = 0.3  # as a factor of 1 +- that.
SATURATION = 0.5


def augmented(image, draw):
    """Changes frame and colours of each image; differentiable in the image.

    A discriminator that sees real and generated faces only in augmented form cannot
    memorise a small training set.

    Args:
        image: [N, S, S, 3] in [-1, 1].
        draw: [N, 6] float in [-1, 1]: of zoom, shifts down and to the right,
            brightness, contrast, saturation; 0: none.

    Returns:
        [N, S, S, 3], about in [-1, 1]: not clipped.

    Source: Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training",
    NeurIPS 2020; the ranges are ours.
    """
    # Not stacked: TensorFlow's optimizer takes a slice of a stack for what was stacked,
    # without the slice's new axis.
    frame = ops.concatenate([ops.exp(ZOOM * draw[:, :1]), SHIFT * draw[:, 1:3]], axis=1)
    x = reframed(ops.cast(image, "float32"), frame)
    brightness, contrast, saturation = draw[:, 3], draw[:, 4], draw[:, 5]
    of_each = (slice(None), None, None, None)
    grey = ops.mean(x, axis=-1, keepdims=True)
    x = grey + (1.0 + SATURATION * saturation)[of_each] * (x - grey)
    middle = ops.mean(x, axis=(1, 2, 3), keepdims=True)
    x = middle + (1.0 + CONTRAST * contrast)[of_each] * (x - middle)
    return x + BRIGHTNESS * brightness[of_each]
