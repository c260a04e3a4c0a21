"""Residual blocks with pre-activation."""

from keras import initializers, layers

from ipcgan.layers.residual import ResidualSum

WIDEST = 8  # times the first block's filters.


def residual_block(x, width, norm=None, resize=None, *, name):
    """Two convolutions, each after normalization and ReLU, with a shortcut.

    Args:
        x: [N, h, w, C].
        width: F, numbers of the result.
        norm: (x, name) -> x, normalized; None: as it is.
        resize: "down" halves h and w, "up" doubles them.
        name: of the block; its layers' begin with it.

    Returns:
        [N, h', w', F].

    Source: He et al., "Identity Mappings in Deep Residual Networks", ECCV 2016.
    """
    y, shortcut = x, x
    if norm:
        y = norm(y, name=f"{name}_norm1")
    y = layers.LeakyReLU(0.2, name=f"{name}_relu1")(y)
    if resize == "up":
        y = layers.UpSampling2D(name=f"{name}_up")(y)
    # Where the map is large the layer has the fewer filters.
    y = convolution(y, width if resize == "up" else x.shape[-1], name=f"{name}_conv1")
    if resize == "down":
        y = layers.AveragePooling2D(2, name=f"{name}_down")(y)
        shortcut = layers.AveragePooling2D(2, name=f"{name}_shortcut_down")(shortcut)
    if norm:
        y = norm(y, name=f"{name}_norm2")
    y = layers.LeakyReLU(0.2, name=f"{name}_relu2")(y)
    y = convolution(y, width, name=f"{name}_conv2")
    if x.shape[-1] != width:
        shortcut = convolution(
            shortcut, width, kernel=1, use_bias=False, name=f"{name}_shortcut"
        )
    if resize == "up":
        shortcut = layers.UpSampling2D(name=f"{name}_shortcut_up")(shortcut)
    return ResidualSum(name=name)(y, shortcut)


def convolution(
    x, filters, *, kernel=3, padding="same", use_bias=True, name, init=None
):
    """A convolution whose initial weights preserve the scale of its input.

    Residual maps pass no normalization, or one before it.
    """
    return layers.Conv2D(
        filters,
        kernel,
        padding=padding,
        use_bias=use_bias,
        kernel_initializer=init or initializers.HeNormal(),
        name=name,
    )(x)
