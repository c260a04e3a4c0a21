"""Loss functions: tensors in, one scalar out; no networks, no weights."""

from ipcgan.losses.adversarial import (
    binary_cross_entropy,
    gradient_penalty,
    least_squares_discriminator,
    least_squares_generator,
)
from ipcgan.losses.pixels import (
    absolute_error,
    chroma_difference,
    squared_error,
    tone_difference,
    total_variation,
)
from ipcgan.losses.predictions import (
    feature_distance,
    group_cross_entropy,
    kl_divergence,
    squared_distances,
    squared_years_error,
    years_error,
)

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "chroma_difference",
    "feature_distance",
    "gradient_penalty",
    "group_cross_entropy",
    "kl_divergence",
    "least_squares_discriminator",
    "least_squares_generator",
    "squared_distances",
    "squared_error",
    "squared_years_error",
    "tone_difference",
    "total_variation",
    "years_error",
]
