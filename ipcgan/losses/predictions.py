"""What a teacher sees in aged faces: losses of features, ages and gender."""

from keras import ops

from ipcgan.losses.mean import mean_of


def squared_distances(features, other):
    """Squared Euclidean distances, face by face.

    Args:
        features: [N, ...] of one set of faces: pixels, a layer, a latent vector.
        other: [N, ...] of the faces that they are compared with.

    Returns:
        [N] >= 0, in squared units of the features.

    Raises:
        ValueError: if the shapes differ.
    """
    if features.shape != other.shape:
        raise ValueError(
            f"Features must have one shape, got {features.shape} and {other.shape}."
        )
    axes = tuple(range(1, len(features.shape)))
    return ops.sum(ops.square(features - other), axis=axes)


def feature_distance(features, other, margin=0.0):
    """Squared distance of feature maps: summed over features, mean over faces.

    The sum is why the published weight is as small as 0.5e-4: conv5 of a face has
    13 * 13 * 256 = 43,264 features.

    Args:
        features: [N, ...] of one set of faces.
        other: [N, ...] of the faces that they are compared with.
        margin: of each face's squared distance, how much counts for nothing.

    Returns:
        Scalar >= 0, in squared units of the features.

    Raises:
        ValueError: if the shapes differ.

    Source: the authors' age_lsgan_transfer.py; the margin is ours.
    """
    return ops.mean(ops.relu(squared_distances(features, other) - margin))


def group_cross_entropy(logits, group, of_face=None):
    """Cross entropy of a softmax over classes, mean over faces.

    Args:
        logits: [N, K].
        group: [N] int32 in [0, K), the right class of each face.
        of_face: [N] of 0 or 1: which faces count; None: all.

    Returns:
        Scalar >= 0, in nats; ln K where every class seems equally likely; 0 where no
        face counts.

    Raises:
        ValueError: if logits is not [N, K].

    Source: Wang et al., CVPR 2018 (the age classification loss).
    """
    if len(logits.shape) != 2:
        raise ValueError(f"Logits must be [N, K], got {logits.shape}.")
    return mean_of(
        ops.sparse_categorical_crossentropy(group, logits, from_logits=True), of_face
    )


def kl_divergence(logits, reference):
    """Kullback-Leibler divergence of a softmax from a reference's, mean over faces.

    Args:
        logits: [N, K] of one set of faces.
        reference: [N, K] of the faces that they are compared with.

    Returns:
        Scalar >= 0, in nats: E[sum_k p_k (log p_k - log q_k)], p = softmax(reference),
        q = softmax(logits); 0 where both say the same.

    Raises:
        ValueError: if the shapes differ.
    """
    if logits.shape != reference.shape:
        raise ValueError(
            f"Logits must have one shape, got {logits.shape} and {reference.shape}."
        )
    log_p, log_q = ops.log_softmax(reference), ops.log_softmax(logits)
    return ops.mean(ops.sum(ops.exp(log_p) * (log_p - log_q), axis=-1))


def years_error(years, target_years, of_face=None):
    """Mean absolute difference of ages, in decades.

    Args:
        years: [N] of one set of faces.
        target_years: [N] of what they should be.
        of_face: [N] of 0 or 1: which faces count; None: all.

    Returns:
        Scalar >= 0, in units of ten years; 0 where no face counts.
    """
    return mean_of(ops.abs(years - target_years), of_face) / 10.0


def squared_years_error(years, target_years, of_face):
    """Mean squared difference of ages, in decades: the farthest off count most.

    Args:
        years: [N] of one set of faces.
        target_years: [N] of what they should be.
        of_face: [N] of 0 or 1: which faces count.

    Returns:
        Scalar >= 0, in units of ten years, squared; 0 where no face counts.
    """
    return mean_of(ops.square((years - target_years) / 10.0), of_face)
