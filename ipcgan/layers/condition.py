"""Layers that tell a convolutional network an age group, and where it looks."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ipcgan")
class ConcatCondition(keras.layers.Layer):
    """Appends one constant feature map per age group to a feature map.

    Inputs:  features [N, h, w, C]; group [N] int32 in [0, num_groups).
    Output:  [N, h, w, C + num_groups]; map k is 1 where group is k, else 0.

    A vector [N, C] is a feature map without height and width.

    The authors' release builds the maps on the host; here they are made from
    the group number, so the data pipeline carries N integers, not N maps.
    """

    def __init__(self, num_groups: int, **kwargs):
        super().__init__(**kwargs)
        self.num_groups = num_groups

    def call(self, features, group):
        one_hot = ops.one_hot(group, self.num_groups, dtype=features.dtype)
        maps = ops.broadcast_to(
            one_hot[(slice(None), *(None,) * (len(features.shape) - 2))],
            (*ops.shape(features)[:-1], self.num_groups),
        )
        return ops.concatenate([features, maps], axis=-1)

    def get_config(self):
        return {**super().get_config(), "num_groups": self.num_groups}


@keras.saving.register_keras_serializable("ipcgan")
class ConcatPosition(keras.layers.Layer):
    """Appends to each place of a feature map where it lies.

    Convolutions alone do not know, and aligned faces age differently at each place.

    Input:   features [N, h, w, C].
    Output:  [N, h, w, C + 3]; the last maps are the place across, from -1 at the left
             edge to 1 at the right, its absolute value (faces age alike on both sides),
             and the place down, from -1 at the top to 1.

    Source: Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the
    CoordConv Solution", NeurIPS 2018.
    """

    def call(self, features):
        height, width = ops.shape(features)[1:3]
        across = _centres(width)[None, :]
        down = _centres(height)[:, None]
        maps = ops.stack(
            [
                ops.broadcast_to(across, (height, width)),
                ops.broadcast_to(ops.abs(across), (height, width)),
                ops.broadcast_to(down, (height, width)),
            ],
            axis=-1,
        )
        maps = ops.cast(maps, features.dtype)
        shape = (ops.shape(features)[0], height, width, 3)
        return ops.concatenate([features, ops.broadcast_to(maps, shape)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 3)


def _centres(count):
    """Returns where the middles of `count` pixels lie between -1 and 1."""
    return (2.0 * ops.arange(count, dtype="float32") + 1.0) / count - 1.0
