"""Networks of IPCGAN: a residual generator and a PatchGAN discriminator.

Source: Wang et al., "Face Aging with Identity-Preserved Conditional Generative
Adversarial Networks", CVPR 2018; sizes as in the authors' models.py.
"""

import keras
from keras import initializers, layers

from ipcgan.families.ipcgan import IPCGANSizes
from ipcgan.layers.condition import ConcatCondition
from ipcgan.layers.image_range import ToMeanSubtracted
from ipcgan.layers.initializers import SmoothUpsampling
from ipcgan.models import blended, branches, ragan, templates


def build_networks(sizes: IPCGANSizes) -> dict[str, keras.Model]:
    """Builds what a training run needs, by name."""
    return {
        "generator": build_generator(sizes),
        "discriminator": build_discriminator(sizes),
    }


def build_generator(sizes: IPCGANSizes) -> keras.Model:
    """Builds the network that ages a face to a given age group.

    Inputs:  image [N, S, S, 3] RGB in [-1, 1], S = sizes.image_size;
             group [N] int32 in [0, sizes.num_groups).
    Output:  image [N, S, S, 3] RGB in [-1, 1], float32.
    """
    image = keras.Input((sizes.image_size, sizes.image_size, 3), name="image")
    group = keras.Input((), dtype="int32", name="group")
    x = image
    if sizes.reads_mean_subtracted:
        x = ToMeanSubtracted(sizes.image_size, name="mean_subtracted")(x)
    features = templates.read(image, sizes)
    reading = templates.told(features, image, group, sizes)
    if sizes.generator_output == "change":
        x = _change(x, group, reading, sizes)
        x = templates.aged(image, x, reading, sizes)
    else:
        x = _published(x, group, reading, sizes)
        x = _conv(x, 3, kernel=7, name="to_rgb")
        x = layers.Activation("tanh", dtype="float32", name="rgb")(x)
    if sizes.blend_share:
        network = blended.frozen(ragan.build_generator(sizes.blended()))
        others = network([image, group])
        x = blended.blend(others, group, features, x, sizes)
    return keras.Model([image, group], x, name="generator")


def aged_by_templates(generator: keras.Model) -> keras.Model:
    """Returns a generator without all that its templates do not need.

    Inputs and output: as the generator, of which it shares the layers.
    """
    return templates.alone(generator)


def _change(x, group, reading, sizes):
    """Returns what is added to a face, [N, S, S, 3]."""
    if sizes.generator == "templates":
        return templates.change(reading, sizes.image_size, sizes.templates)
    x = _published(x, group, reading, sizes)
    x = _conv(x, 3, kernel=7, name="to_rgb", init=initializers.Zeros())
    return templates.with_templates(x, reading, sizes.templates)


def _with_reading(x, reading):
    """Tells every place of a feature map what is read of the face."""
    if reading is None:
        return x
    told = layers.Dense(x.shape[-1], kernel_initializer="zeros", name="told")(reading)
    told = layers.Reshape((1, 1, x.shape[-1]), name="told_map")(told)
    return layers.Add(name="told_add")([x, told])


def _published(x, group, reading, sizes):
    filters = sizes.generator_filters
    x = ConcatCondition(sizes.num_groups, name="condition")(x, group)
    x = _conv_norm_relu(x, filters, kernel=7, strides=1, name="stem")
    x = _conv_norm_relu(x, 2 * filters, kernel=3, strides=2, name="down1")
    x = _conv_norm_relu(x, 4 * filters, kernel=3, strides=2, name="down2")
    x = _with_reading(x, reading)
    for index in range(sizes.residual_blocks):
        x = _residual_block(x, name=f"residual{index}")
    for index, scale in enumerate((2, 1), start=1):
        x = _doubled(x, scale * filters, sizes, name=f"up{index}")
    return x


def _doubled(x, filters, sizes, name):
    """Doubles height and width; by convolution, where the map is still small."""
    if sizes.upsampling == "bilinear":
        x = _conv(x, filters, kernel=3, name=name)
        x = layers.UpSampling2D(interpolation="bilinear", name=f"{name}_double")(x)
    else:
        # The initial change is near 0: a grid in it would be all that is visible.
        smooth = sizes.generator_output == "change"
        first = SmoothUpsampling if smooth else initializers.RandomNormal
        x = layers.Conv2DTranspose(
            filters, 3, 2, "same", kernel_initializer=first(stddev=0.02), name=name
        )(x)
    x = _norm(f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def build_discriminator(sizes: IPCGANSizes) -> keras.Model:
    """Builds the network that tells real faces of a group from all others.

    "patch" is told the group and answers for it; "residual" has a logit for each of the
    K = sizes.num_groups groups.

    Inputs:  image [N, S, S, 3] RGB in [-1, 1], S = sizes.image_size; of "patch" a dict
             of it and of group [N] int32.
    Output:  float32 logits, about 1 where a face, or a patch of it, looks real and of
             the group, else about 0. "patch": [N, S/8, S/8, sizes.logit_channels];
             "residual": [N, K].
    """
    return _DISCRIMINATORS[sizes.discriminator](sizes)


def _patch_discriminator(sizes):
    filters = sizes.discriminator_filters
    image = keras.Input((sizes.image_size, sizes.image_size, 3), name="image")
    group = keras.Input((), dtype="int32", name="group")
    x = _conv(image, filters, kernel=4, strides=2, name="dis_1")
    x = layers.LeakyReLU(0.2, name="dis_1_relu")(x)
    x = ConcatCondition(sizes.num_groups, name="condition")(x, group)
    for index, (scale, strides) in enumerate(((2, 2), (4, 2), (8, 1)), start=2):
        name = f"dis_{index}"
        x = _conv(x, scale * filters, kernel=4, strides=strides, name=name)
        x = _norm(f"{name}_norm")(x)
        x = layers.LeakyReLU(0.2, name=f"{name}_relu")(x)
    x = _conv(x, sizes.logit_channels, kernel=4, name="dis_5")
    x = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model({"image": image, "group": group}, x, name="discriminator")


def _residual_discriminator(sizes):
    # Its first block is at full size, where filters cost most.
    filters = max(1, sizes.discriminator_filters // 4)
    return branches.residual(sizes.image_size, sizes.num_groups, filters)


def _conv_norm_relu(x, filters, *, kernel, strides, name):
    x = _conv(x, filters, kernel=kernel, strides=strides, name=name)
    x = _norm(f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _residual_block(x, name):
    filters = x.shape[-1]
    y = _conv_norm_relu(x, filters, kernel=3, strides=1, name=f"{name}_conv1")
    y = _conv(y, filters, kernel=3, name=f"{name}_conv2")
    y = _norm(f"{name}_conv2_norm")(y)
    return layers.Add(name=f"{name}_add")([x, y])  # the release has no ReLU here.


def _conv(x, filters, *, kernel, strides=1, name, init=None):
    init = init or initializers.TruncatedNormal(stddev=0.02)
    return layers.Conv2D(
        filters, kernel, strides, "same", kernel_initializer=init, name=name
    )(x)


def _norm(name):
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-3, name=name)


_DISCRIMINATORS = {
    "patch": _patch_discriminator,
    "residual": _residual_discriminator,
}
