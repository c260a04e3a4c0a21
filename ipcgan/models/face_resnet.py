"""The face ResNet: predicts age, gender and identity; not in the paper.

The published teacher of ages is an AlexNet. A residual network of a third of its
arithmetic reads ages, gender and people better from the same faces (figures in the
model cards of checkpoints/face_resnet and checkpoints/face_alexnet_robust), and a
generator learns no more than its teacher can tell.

Source: He, Zhang, Ren, Sun, CVPR 2016 (basic blocks); sizes are ours.
"""

import dataclasses

import keras
from keras import layers

from ipcgan import config
from ipcgan.layers.image_range import ToMeanSubtracted
from ipcgan.models import heads

_STAGES = (2, 2, 4, 4)  # filters of a stage, over those of the first convolution.


@dataclasses.dataclass(frozen=True)
class FaceResNetSizes:
    """Sizes of the network."""

    image_size: int = 128  # pixels of the images that it is given.
    trunk_size: int = 128  # pixels to which the trunk resizes them; halved five times.
    filters: int = 48  # of the first convolution.
    blocks: int = 1  # of each stage.
    hidden: int = 256  # units of either head.
    num_groups: int = 5
    num_people: int = 0  # 0: no softmax over people.
    descriptor_size: int = 0  # of a recogniser to imitate; 0: none.
    reads_years: bool = False  # the age in years too.
    reads_gender: bool = False
    dropout: float = 0.2  # share of either head's units dropped in training.

    def __post_init__(self):
        limits = {
            "image_size": 4096,
            "trunk_size": 1024,
            "filters": 512,
            "blocks": 16,
            "hidden": 8192,
            "num_groups": 100,
        }
        config.check_counts(self, limits)
        config.check_face_outputs(self)
        if self.trunk_size % 32:
            raise config.ConfigError(
                f"trunk_size must be a multiple of 32: {self.trunk_size}."
            )


def build_face_resnet(sizes: FaceResNetSizes) -> keras.Model:
    """Builds the trunk with a head for age and a head for identity.

    Input:   image [N, S, S, 3] RGB in [-1, 1], S = sizes.image_size.
    Output:  a dict of float32 tensors: age_logits [N, num_groups]; and, as sizes say,
             age_years [N], gender_logits [N, 2], person_logits [N, num_people] and
             descriptor [N, descriptor_size].
    """
    image = keras.Input((sizes.image_size, sizes.image_size, 3), name="image")
    x = ToMeanSubtracted(sizes.trunk_size, 1 / 64, name="mean_subtracted")(image)
    x = _conv_norm(x, sizes.filters, kernel=5, strides=2, name="stem")
    x = layers.ReLU(name="stem_relu")(x)
    for stage, times in enumerate(_STAGES, start=1):
        for block in range(sizes.blocks):
            strides = 2 if block == 0 else 1
            name = f"stage{stage}_block{block}"
            x = _block(x, times * sizes.filters, strides, name)
    x = layers.Flatten(name="flat")(x)  # Faces are aligned: places mean something.

    age = _hidden(x, sizes, "age")
    outputs = {"age_logits": heads.linear(age, sizes.num_groups, "age_groups")}
    if sizes.reads_years:
        outputs["age_years"] = heads.years(age)
    identity = _hidden(x, sizes, "identity")
    if sizes.reads_gender:
        outputs["gender_logits"] = heads.linear(identity, 2, "gender")
    if sizes.num_people:
        outputs["person_logits"] = heads.linear(identity, sizes.num_people, "people")
    if sizes.descriptor_size:
        outputs["descriptor"] = heads.linear(
            identity, sizes.descriptor_size, "descriptor"
        )
    return keras.Model(image, outputs, name="face_resnet")


def build_reader(image_size: int) -> keras.Model:
    """Builds the network, of the default sizes, up to what its heads read.

    Input:   image [N, S, S, 3] RGB in [-1, 1], S = image_size.
    Output:  [N, 2 * hidden], what says age, and what says who it is.
    """
    sizes = FaceResNetSizes(image_size=image_size, reads_gender=True)
    network = build_face_resnet(sizes)
    hidden = [network.get_layer(name).output for name in ("age", "identity")]
    # Dropout comes after either: a network that only reads has none.
    reading = layers.Concatenate(name="reading")(hidden)
    return keras.Model(network.input, reading, name="reader")


def _block(x, filters, strides, name):
    y = _conv_norm(x, filters, kernel=3, strides=strides, name=f"{name}_conv1")
    y = layers.ReLU(name=f"{name}_conv1_relu")(y)
    y = _conv_norm(y, filters, kernel=3, strides=1, name=f"{name}_conv2")
    if strides > 1 or x.shape[-1] != filters:
        x = layers.AveragePooling2D(strides, name=f"{name}_pool")(x)
        x = _conv_norm(x, filters, kernel=1, strides=1, name=f"{name}_shortcut")
    x = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=f"{name}_relu")(x)


def _conv_norm(x, filters, *, kernel, strides, name):
    x = layers.Conv2D(
        filters,
        kernel,
        strides,
        "same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)


def _hidden(x, sizes, name):
    x = layers.Dense(
        sizes.hidden, activation="relu", kernel_initializer="he_normal", name=name
    )(x)
    return layers.Dropout(sizes.dropout, name=f"{name}_dropout")(x)
