"""The mean of a loss over the faces that it is of."""

from keras import ops


def mean_of(of_each, of_face):
    """Mean over the faces that are counted.

    Args:
        of_each: [N], a loss of each face.
        of_face: [N] in [0, 1], how much each face counts; None: all alike.

    Returns:
        Scalar; 0 where no face counts.
    """
    if of_face is None:
        return ops.mean(of_each)
    return ops.sum(of_each * of_face) / ops.maximum(ops.sum(of_face), 1.0)
