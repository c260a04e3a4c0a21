"""The sum of a residual block's two branches."""

import math

import keras


@keras.saving.register_keras_serializable("ipcgan")
class ResidualSum(keras.layers.Layer):
    """Adds a block's two branches and divides by the square root of 2.

    So the sum of two independent maps is as large as either of them, however many
    blocks follow each other without a normalization.

    Inputs:  two feature maps of one shape.
    Output:  [N, h, w, C].

    Source: as in Choi, Uh, Yoo, Ha, "StarGAN v2", CVPR 2020.
    """

    def call(self, features, shortcut):
        return (features + shortcut) * math.sqrt(0.5)
