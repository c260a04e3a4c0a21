"""The authors' release at tiny sizes, for the tests of its import.

First what their TensorFlow 1 program writes, {variable name: array}, then what their
networks compute, in TensorFlow's own operations. Both are written out a second time
here, apart from ipcgan/, so that a slip in its tables or layers shows.

Source: the authors' models.py and tools/ops.py; numbers as in TINY and TINY_ALEXNET.
"""

import numpy as np
import tensorflow as tf

from ipcgan.models.alexnet import AlexNetSizes
from ipcgan.models.ipcgan import IPCGANSizes

TINY = IPCGANSizes(
    image_size=16,
    generator_filters=4,
    residual_blocks=2,
    discriminator_filters=2,
    logit_channels=16,
    reads_mean_subtracted=True,
)
TINY_ALEXNET = AlexNetSizes(
    image_size=227, fully_connected=4, identity_units=3, num_people=6
)


def made(shapes, seed=0):
    random = np.random.default_rng(seed)
    arrays = {}
    for name, shape in shapes.items():
        values = random.normal(0.0, 0.1, shape)
        if name.endswith(("gamma", "moving_variance")):
            values = np.abs(values) + 0.5
        arrays[name] = values.astype(np.float32)
    return arrays


def convolution(scope, *kernel, transposed=False):
    units = kernel[-2] if transposed else kernel[-1]
    return {f"{scope}/weights": kernel, f"{scope}/biases": (units,)}


def normalization(scope, channels):
    names = ("beta", "gamma", "moving_mean", "moving_variance")
    shapes = {f"{scope}/{name}": (channels,) for name in names}
    for name in names[2:]:  # TensorFlow 1 repeats the scope in these names.
        shapes[f"{scope}/{scope}/{name}/biased"] = (channels,)
        shapes[f"{scope}/{scope}/{name}/local_step"] = ()
    return shapes


def generator_shapes():
    shapes = (
        convolution("generator/conv1", 7, 7, 8, 4)
        | convolution("generator/conv2", 3, 3, 4, 8)
        | convolution("generator/conv3", 3, 3, 8, 16)
        | convolution("generator/deconv1", 3, 3, 8, 16, transposed=True)
        | convolution("generator/deconv2", 3, 3, 4, 8, transposed=True)
        | convolution("generator/conv4", 7, 7, 4, 3)
    )
    for number, channels in enumerate((4, 8, 16, 8, 4), start=1):
        shapes |= normalization(f"generator/bn{number}", channels)
    for unit in ("unit_0", "unit_1"):
        shapes |= convolution(f"generator/{unit}/sub1/conv1", 3, 3, 16, 16)
        shapes |= normalization(f"generator/{unit}/sub1/bn1", 16)
        shapes |= convolution(f"generator/{unit}/sub2/conv2", 3, 3, 16, 16)
        shapes |= normalization(f"generator/{unit}/sub2/bn2", 16)
    return shapes


def discriminator_shapes():
    shapes = (
        convolution("discriminator/dis", 4, 4, 3, 2)
        | convolution("discriminator/dis_1", 4, 4, 7, 4)
        | convolution("discriminator/dis_2", 4, 4, 4, 8)
        | convolution("discriminator/dis_3", 4, 4, 8, 16)
        | convolution("discriminator/dis_4", 4, 4, 16, 16)
    )
    for number, channels in enumerate((4, 8, 16)):
        shapes |= normalization(f"discriminator/dis_bn{number}", channels)
    return shapes


def identity_shapes():
    return (
        convolution("alexnet/conv1", 11, 11, 3, 96)
        | convolution("alexnet/conv2", 5, 5, 48, 256)
        | convolution("alexnet/conv3", 3, 3, 256, 384)
        | convolution("alexnet/conv4", 3, 3, 192, 384)
        | convolution("alexnet/conv5", 3, 3, 192, 256)
        | convolution("alexnet/fc6", 9216, 4)
        | convolution("alexnet/fc7", 4, 4)
        | convolution("alexnet/new_1", 4, 3)
        | convolution("alexnet/new_2", 3, 6)
    )


def age_shapes():
    return (
        convolution("alexnet/age_fc6", 9216, 4)
        | convolution("alexnet/age_fc7", 4, 4)
        | convolution("alexnet/age_fc8", 4, 5)
    )


def write_bundle(path, arrays):
    tf.raw_ops.SaveV2(
        prefix=str(path),
        tensor_names=list(arrays),
        shape_and_slices=[""] * len(arrays),
        tensors=[tf.constant(value) for value in arrays.values()],
    )
    return str(path)


def convolve(arrays, scope, x, stride):
    kernel, bias = arrays[f"{scope}/weights"], arrays[f"{scope}/biases"]
    return tf.nn.conv2d(x, kernel, stride, "SAME") + bias


def normalize_by_batch(arrays, scope, x):
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    beta, gamma = arrays[f"{scope}/beta"], arrays[f"{scope}/gamma"]
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)


def planes(group, side):
    one_hot = tf.one_hot(group, 5)[:, None, None, :]
    return tf.tile(one_hot, [1, side, side, 1])


def generator(arrays, pixels, group):
    x = pixels - np.array([104.0, 117.0, 124.0], np.float32)
    x = tf.concat([x, planes(group, 16)], axis=3)
    for number, stride in ((1, 1), (2, 2), (3, 2)):
        x = convolve(arrays, f"generator/conv{number}", x, stride)
        x = tf.nn.relu(normalize_by_batch(arrays, f"generator/bn{number}", x))
    for unit in ("generator/unit_0", "generator/unit_1"):
        y = convolve(arrays, f"{unit}/sub1/conv1", x, 1)
        y = tf.nn.relu(normalize_by_batch(arrays, f"{unit}/sub1/bn1", y))
        y = convolve(arrays, f"{unit}/sub2/conv2", y, 1)
        x = x + normalize_by_batch(arrays, f"{unit}/sub2/bn2", y)
    for number, side, channels in ((1, 8, 8), (2, 16, 4)):
        scope = f"generator/deconv{number}"
        shape = [len(pixels), side, side, channels]
        x = tf.nn.conv2d_transpose(x, arrays[f"{scope}/weights"], shape, 2, "SAME")
        x = x + arrays[f"{scope}/biases"]
        x = tf.nn.relu(normalize_by_batch(arrays, f"generator/bn{number + 3}", x))
    return tf.tanh(convolve(arrays, "generator/conv4", x, 1)).numpy()


def discriminator(arrays, image, group):
    x = tf.nn.leaky_relu(convolve(arrays, "discriminator/dis", image, 2), 0.2)
    x = tf.concat([x, planes(group, 8)], axis=3)
    for number, stride in ((1, 2), (2, 2), (3, 1)):
        x = convolve(arrays, f"discriminator/dis_{number}", x, stride)
        x = normalize_by_batch(arrays, f"discriminator/dis_bn{number - 1}", x)
        x = tf.nn.leaky_relu(x, 0.2)
    return convolve(arrays, "discriminator/dis_4", x, 1).numpy()


def alexnet(arrays, pixels):
    def conv(x, name, groups, stride=1, padding="SAME"):
        kernel, bias = arrays[f"alexnet/{name}/weights"], f"alexnet/{name}/biases"
        halves = zip(tf.split(x, groups, 3), tf.split(kernel, groups, 3), strict=True)
        y = [tf.nn.conv2d(part, k, stride, padding) for part, k in halves]
        return tf.nn.relu(tf.concat(y, 3) + arrays[bias])

    def pool_and_normalize(x):
        x = tf.nn.max_pool2d(x, 3, 2, "VALID")
        return tf.nn.local_response_normalization(x, 2, 1.0, 2e-5, 0.75)

    def dense(x, name):
        return x @ arrays[f"alexnet/{name}/weights"] + arrays[f"alexnet/{name}/biases"]

    x = pixels - np.array([104.0, 117.0, 124.0], np.float32)
    x = pool_and_normalize(conv(x, "conv1", 1, 4, "VALID"))
    x = pool_and_normalize(conv(x, "conv2", 2))
    conv5 = conv(conv(conv(x, "conv3", 1), "conv4", 2), "conv5", 2)
    flat = tf.reshape(tf.nn.max_pool2d(conv5, 3, 2, "VALID"), [-1, 9216])
    age = tf.nn.relu(dense(tf.nn.relu(dense(flat, "age_fc6")), "age_fc7"))
    person = tf.nn.relu(dense(tf.nn.relu(dense(flat, "fc6")), "fc7"))
    person = tf.nn.relu(dense(person, "new_1"))
    return {
        "conv5": conv5.numpy(),
        "age_logits": dense(age, "age_fc8").numpy(),
        "person_logits": dense(person, "new_2").numpy(),
    }
