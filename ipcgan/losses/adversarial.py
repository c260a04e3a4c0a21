"""What makes aged faces look real: losses of discriminator and generator."""

from keras import ops

from ipcgan.losses.mean import mean_of


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
    return mean_of(ops.softplus(logits) - label * logits, of_face)


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
