"""Loss functions: tensors in, one scalar out; no networks, no weights."""

from keras import ops


def binary_cross_entropy(logits, label, of_face=None):
    """Cross entropy of real or not, mean over faces.

    E[-label * log p - (1 - label) * log(1 - p)], p = 1 / (1 + exp(-logits)); written
    so that no large logit overflows or loses its gradient.

    Args:
        logits: any shape.
        label: from 0 to 1; 1 for real, 0.9 for real with one-sided smoothing, 0 for
            not.
        of_face: 0 or 1, of the logits' shape: which count; None: all.

    Returns:
        Scalar >= 0, in nats; ln 2 where the logits are 0; 0 where no face counts.

    Source: Goodfellow et al., NeurIPS 2014; smoothing: Salimans et al., NeurIPS 2016.
    """
    return _mean_of(ops.softplus(logits) - label * logits, of_face)


def least_squares_discriminator(real, mismatched, fake):
    """LSGAN loss of a discriminator that must also reject wrong age groups.

    0.5 * (E[(real - 1)^2] + 0.5 * (E[mismatched^2] + E[fake^2]))

    Args:
        real: [N, h, w, C] logits for real faces with their own age group.
        mismatched: [N, h, w, C] logits for real faces with a wrong age group.
        fake: [N, h, w, C] logits for generated faces with the target age group.

    Returns:
        Scalar >= 0, without unit; 0 when real is 1 and both others are 0.

    Raises:
        ValueError: if the three shapes differ.

    Source: Wang et al., CVPR 2018; factors as in the authors' models.py.
    """
    if not real.shape == mismatched.shape == fake.shape:
        raise ValueError(
            "Logits must have one shape, got "
            f"{real.shape}, {mismatched.shape} and {fake.shape}."
        )
    rejected = ops.mean(ops.square(mismatched)) + ops.mean(ops.square(fake))
    return 0.5 * (ops.mean(ops.square(real - 1.0)) + 0.5 * rejected)


def least_squares_generator(fake):
    """LSGAN loss of a generator: 0.5 * E[(fake - 1)^2].

    Args:
        fake: [N, h, w, C] logits for generated faces with the target age group.

    Returns:
        Scalar >= 0, without unit; 0 when the discriminator says 1 everywhere.

    Source: Wang et al., CVPR 2018; factor as in the authors' models.py.
    """
    return 0.5 * ops.mean(ops.square(fake - 1.0))


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
    return _mean_of(
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
    return _mean_of(ops.abs(years - target_years), of_face) / 10.0


def squared_years_error(years, target_years, of_face):
    """Mean squared difference of ages, in decades: the farthest off count most.

    Args:
        years: [N] of one set of faces.
        target_years: [N] of what they should be.
        of_face: [N] of 0 or 1: which faces count.

    Returns:
        Scalar >= 0, in units of ten years, squared; 0 where no face counts.
    """
    return _mean_of(ops.square((years - target_years) / 10.0), of_face)


def absolute_error(image, other, of_face=None):
    """Mean absolute difference of pixels.

    Args:
        image: [N, H, W, 3] in [-1, 1].
        other: [N, H, W, 3] in [-1, 1].
        of_face: [N] of 0 or 1: which faces count; None: all.

    Returns:
        Scalar in [0, 2]; 0 where no face counts.

    Raises:
        ValueError: if the shapes differ.
    """
    if image.shape != other.shape:
        raise ValueError(
            f"Images must have one shape, got {image.shape} and {other.shape}."
        )
    return _mean_of(ops.mean(ops.abs(image - other), axis=(1, 2, 3)), of_face)


def gradient_penalty(gradient):
    """Half the squared norm of a gradient by pixels, mean over faces: "R1".

    0.5 * E[||gradient||^2]; of a discriminator at real faces it keeps the
    discriminator flat there, where there is nothing to correct.

    Args:
        gradient: [N, ...] of each face's logit by its pixels.

    Returns:
        Scalar >= 0, in squared logits per unit of [-1, 1]; 0 where the logit does not
        depend on the face.

    Source: Mescheder, Geiger, Nowozin, "Which Training Methods for GANs do actually
    Converge?", ICML 2018.
    """
    axes = tuple(range(1, len(gradient.shape)))
    return 0.5 * ops.mean(ops.sum(ops.square(gradient), axis=axes))


def tone_difference(image, other, block=16):
    """Mean absolute difference of the mean colours of blocks of pixels.

    It holds tone and light where they are and leaves lines and folds free.

    Args:
        image: [N, H, W, 3] in [-1, 1].
        other: [N, H, W, 3] in [-1, 1].
        block: side of a block in pixels; a remainder at the edge is left out.

    Returns:
        Scalar in [0, 2].
    """
    difference = ops.average_pool(image - other, block, block, padding="valid")
    return ops.mean(ops.abs(difference))


def chroma_difference(image, other):
    """Mean absolute difference of colour, pixel by pixel, brightness left out.

    Lines and folds are brightness; tints and coloured dots are not.

    Args:
        image: [N, H, W, 3] in [-1, 1].
        other: [N, H, W, 3] in [-1, 1].

    Returns:
        Scalar in [0, 2]; 0 where the images differ by shades of grey alone.
    """
    difference = image - other
    return ops.mean(ops.abs(difference - ops.mean(difference, axis=-1, keepdims=True)))


def total_variation(image):
    """Differences of neighbouring pixels: summed over the image, mean over faces.

    Args:
        image: [N, H, W, 3] in [-1, 1].

    Returns:
        Scalar >= 0; 0 for an image of one colour.

    Source: Rudin, Osher, Fatemi 1992, anisotropic; summed as TensorFlow does.
    """
    down = ops.sum(ops.abs(image[:, 1:] - image[:, :-1]), axis=(1, 2, 3))
    across = ops.sum(ops.abs(image[:, :, 1:] - image[:, :, :-1]), axis=(1, 2, 3))
    return ops.mean(down + across)


def _mean_of(of_each, of_face):
    if of_face is None:
        return ops.mean(of_each)
    return ops.sum(of_each * of_face) / ops.maximum(ops.sum(of_face), 1.0)
