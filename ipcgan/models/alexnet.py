"""The face AlexNet: features for the identity loss, logits for the age loss.

One convolutional trunk with grouped convolutions and local response normalization
(Caffe's AlexNet), an identity head and an age head, each with fully connected layers
of its own.

Source: Wang et al., CVPR 2018; layers as in the authors' models.py.
"""

import dataclasses

import keras
from keras import layers

from ipcgan import config
from ipcgan.layers.image_range import StoredScale, ToMeanSubtracted
from ipcgan.layers.normalization import LocalResponseNormalization
from ipcgan.models import heads


@dataclasses.dataclass(frozen=True)
class AlexNetSizes:
    """Sizes of the network; the defaults are the authors'."""

    image_size: int = 128  # pixels of the images that it is given.
    trunk_size: int = 227  # pixels to which the trunk resizes them.
    num_groups: int = 5
    fully_connected: int = 4096  # units of fc6 and fc7 in either head.
    identity_units: int = 256  # of the layer before the people.
    num_people: int = 2000  # 0: no softmax over people.
    descriptor_size: int = 0  # of a recogniser to imitate; 0: none.
    reads_years: bool = False  # a second output of the age head: the age in years.
    reads_gender: bool = False
    dropout: float = 0.5  # share of fc6 and fc7 dropped in training.
    # Factor of the 0..255 pixels. The authors' weights read them as they are; what is
    # trained here with Adam needs inputs near 1.
    pixel_scale: float = 1.0

    def __post_init__(self):
        limits = {
            "image_size": 4096,
            "trunk_size": 1024,
            "num_groups": 100,
            "fully_connected": 8192,
            "identity_units": 8192,
        }
        config.check_counts(self, limits)
        config.check_face_outputs(self)


def build_alexnet(sizes: AlexNetSizes) -> keras.Model:
    """Builds the trunk with both heads.

    Input:   image [N, S, S, 3] RGB in [-1, 1], S = sizes.image_size.
    Output:  a dict of float32 tensors, shaped for trunk_size 227: conv3 and conv4
             [N, 13, 13, 384], conv5 [N, 13, 13, 256], pool5 [N, 6, 6, 256], fc6 and
             fc7 [N, fully_connected], each after its ReLU and times the stored scale
             of the layer (see `feature_scales`); age_logits [N, num_groups];
             person_logits [N, num_people] where there are people; descriptor
             [N, descriptor_size] where a recogniser is imitated; age_years [N] and
             gender_logits [N, 2] where sizes say so.
    """
    image = keras.Input((sizes.image_size, sizes.image_size, 3), name="image")
    pixels = ToMeanSubtracted(
        sizes.trunk_size, sizes.pixel_scale, name="mean_subtracted"
    )
    features = _trunk(pixels(image))

    flat = layers.Flatten(name="pool5_flat")(features["pool5"])
    features["fc6"], features["fc7"] = _fully_connected(flat, sizes, prefix="")
    _, age = _fully_connected(flat, sizes, prefix="age_")

    outputs = {
        name: StoredScale(name=f"{name}_scale")(features[name])
        for name in config.FEATURE_LAYERS
    }
    outputs["age_logits"] = heads.linear(age, sizes.num_groups, "age_fc8")
    if sizes.reads_years:
        outputs["age_years"] = heads.years(age)
    if sizes.reads_gender:
        outputs["gender_logits"] = heads.linear(features["fc7"], 2, "gender")
    if sizes.num_people:
        hidden = layers.Dense(sizes.identity_units, activation="relu", name="new_1")
        outputs["person_logits"] = heads.linear(
            hidden(features["fc7"]), sizes.num_people, "new_2"
        )
    if sizes.descriptor_size:
        outputs["descriptor"] = heads.linear(
            features["fc7"], sizes.descriptor_size, "descriptor"
        )
    return keras.Model(image, outputs, name="alexnet")


def feature_scales(alexnet: keras.Model) -> dict[str, keras.Variable]:
    """Returns the stored scale of each feature layer, to read or assign.

    The published feature weight, 0.5e-4, belongs to the authors' weights. Other
    weights have features of other sizes; the scale makes the same weight mean the
    same. `tools/pretrain_alexnet.py` sets it.
    """
    return {
        name: alexnet.get_layer(f"{name}_scale").scale for name in config.FEATURE_LAYERS
    }


def _trunk(x):
    x = _conv(x, 96, kernel=11, strides=4, padding="valid", name="conv1")
    x = _pool_and_normalize(x, "1")  # [N, 27, 27, 96]
    x = _grouped_conv(x, 256, kernel=5, name="conv2")
    x = _pool_and_normalize(x, "2")  # [N, 13, 13, 256]
    conv3 = _conv(x, 384, name="conv3")
    conv4 = _grouped_conv(conv3, 384, kernel=3, name="conv4")
    conv5 = _grouped_conv(conv4, 256, kernel=3, name="conv5")
    pool5 = layers.MaxPooling2D(3, 2, name="pool5")(conv5)  # [N, 6, 6, 256]
    return {"conv3": conv3, "conv4": conv4, "conv5": conv5, "pool5": pool5}


def _conv(x, filters, *, kernel=3, strides=1, padding="same", name):
    return layers.Conv2D(
        filters,
        kernel,
        strides,
        padding,
        activation="relu",
        kernel_initializer="he_normal",
        name=name,
    )(x)


def _grouped_conv(x, filters, *, kernel, name):
    # Two convolutions instead of groups=2, which TensorFlow runs 1.7 times slower
    # on a CPU.
    half = x.shape[-1] // 2
    return layers.Concatenate(name=name)(
        [
            _conv(part, filters // 2, kernel=kernel, name=f"{name}_group{index}")
            for index, part in enumerate((x[..., :half], x[..., half:]))
        ]
    )


def _pool_and_normalize(x, number):
    x = layers.MaxPooling2D(3, 2, name=f"pool{number}")(x)
    return LocalResponseNormalization(name=f"norm{number}")(x)


def _fully_connected(x, sizes, prefix):
    results = []
    for name in ("fc6", "fc7"):
        name = prefix + name
        x = layers.Dense(
            sizes.fully_connected,
            activation="relu",
            kernel_initializer="he_normal",
            name=name,
        )(x)
        results.append(x)
        x = layers.Dropout(sizes.dropout, name=f"{name}_dropout")(x)
    return results[0], x
