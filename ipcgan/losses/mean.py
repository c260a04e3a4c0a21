"""The mean of a loss over the faces that it is of."""

import keras
from keras import ops


def mean_of(of_each, of_face):
    """Mean over the faces that are counted.

    Where devices share a batch, each has its part of that mean: the mean over the
    devices is the mean over the faces that any of them counts.

    Args:
        of_each: [N], a loss of each face.
        of_face: [N] in [0, 1], how much each face counts; None: all alike.

    Returns:
        Scalar; 0 where no face counts.
    """
    if of_face is None:
        return ops.mean(of_each)
    # JAX sees the faces of all devices; TensorFlow has to ask for them.
    share, _ = ops.moments(
        of_face,
        axes=list(range(len(of_face.shape))),
        synchronized=keras.backend.backend() == "tensorflow",
    )
    return ops.mean(of_each * of_face) / ops.maximum(share, keras.config.epsilon())
