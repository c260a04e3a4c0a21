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
class YoungerThan(keras.layers.Layer):
    """How probable it is that a face is of an age group below a given one.

    Inputs:  logits [N, K] of the age groups, youngest first; group [N] int32 in [0, K).
    Output:  [N] float32 from 0, of the youngest group, to 1.
    """

    def call(self, logits, group):
        probabilities = ops.softmax(ops.cast(logits, "float32"))
        below = ops.arange(logits.shape[-1], dtype="int32") < group[:, None]
        return ops.sum(probabilities * ops.cast(below, "float32"), axis=-1)

    def compute_output_spec(self, logits, group):
        return keras.KerasTensor(group.shape, "float32")
