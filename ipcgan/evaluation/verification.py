"""Whether aged faces are still the same people: thresholds, and figures by them."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from ipcgan.evaluation import identity, intervals
from ipcgan.evaluation.judges import Predictions

STRICT_RATE = 1e-3  # of pairs of strangers, that pass the stricter threshold.


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Up to which distance a recogniser says "the same person"."""

    usual: float  # the recogniser's own.
    strict: float  # at which STRICT_RATE of strangers pass; NaN: too few strangers.
    num_pairs: int  # of strangers.
    passing_usual: float  # share of strangers at the usual one.


def threshold(
    strangers: Predictions, name: str, usual: float, names: Sequence[str | None]
) -> Threshold:
    """Sets the stricter threshold of a recogniser on pairs of strangers.

    Args:
        strangers: predictions of [M] faces.
        name: of the recogniser.
        usual: its own threshold.
        names: of the M people, None where unknown.
    """
    pairs = identity.stranger_distances(strangers.descriptors[name], names)
    passing = float(np.mean(pairs <= usual)) if len(pairs) else np.nan
    strict = identity.threshold_at(pairs, STRICT_RATE)
    return Threshold(usual, strict, len(pairs), passing)


def verify(
    descriptors: Mapping[str, np.ndarray],
    own: Mapping[str, np.ndarray],
    thresholds: Mapping[str, Threshold],
) -> dict[str, np.ndarray]:
    """Returns distance/R, same_usual/R and same_strict/R of each recogniser R.

    Args:
        descriptors: of each recogniser [..., D] of faces.
        own: those of the people they should show, of a shape that fits.
        thresholds: by recogniser.

    Returns:
        [...] float arrays; see identity.distances and same_person.
    """
    values = {}
    for name, limit in thresholds.items():
        distance = identity.distances(descriptors[name], own[name])
        values[f"distance/{name}"] = distance
        values[f"same_usual/{name}"] = identity.same_person(distance, limit.usual)
        values[f"same_strict/{name}"] = identity.same_person(distance, limit.strict)
    return values


def reconstruction(
    made: np.ndarray,
    sources: np.ndarray,
    predictions: Predictions,
    own: Predictions,
    thresholds: Mapping[str, Threshold],
) -> dict[str, intervals.Interval]:
    """Returns how far reconstructed faces are from their sources.

    Args:
        made: [N, S, S, 3] uint8.
        sources: [N, S, S, 3] uint8.
        predictions: [N], of `made`.
        own: [N], of `sources`.
        thresholds: by recogniser.

    Returns:
        Intervals of means over people: pixel_error, the root mean square difference of
        a face's pixels in levels of 255; face_found; and of each recogniser R
        distance/R, same_usual/R, same_strict/R. A reconstruction in which no face is
        found counts as another person.
    """
    difference = made.astype(np.float32) - sources
    values = {
        "pixel_error": np.sqrt(np.square(difference).mean(axis=(1, 2, 3))),
        "face_found": (predictions.counts > 0).astype(float),
        **verify(predictions.descriptors, own.descriptors, thresholds),
    }
    return {name: intervals.mean_interval(v) for name, v in values.items()}
