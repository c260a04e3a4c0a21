"""How accurately a teacher predicts age groups, years and identity."""

import numpy as np
from scipy import spatial, stats

FALSE_MATCH_RATE = 1e-2  # a few hundred faces give too few strangers for less.


def age_head(logits: np.ndarray, groups: np.ndarray) -> dict:
    """Compares the age head with the true age groups.

    Args:
        logits: [N, K].
        groups: [N] true groups.

    Returns:
        The shares of faces whose group is right, for all and for each group, and
        right within one group; the number of faces.
    """
    error = np.abs(logits.argmax(axis=1) - groups)
    return {
        "faces": len(groups),
        "age_exact": float(np.mean(error == 0)),
        "age_exact_by_group": _by_group(error == 0, groups, logits.shape[1]),
        "age_within_one_group": float(np.mean(error <= 1)),
    }


def years(read: np.ndarray, ages: np.ndarray, groups: np.ndarray, num_groups: int):
    """Compares the age that is read from faces with the true one.

    Args:
        read: [N] years.
        ages: [N] years, true.
        groups: [N] true groups.
        num_groups: how many there are.

    Returns:
        (mean of `read` for each group, mean absolute error), in years.
    """
    return _by_group(read, groups, num_groups), float(np.abs(read - ages).mean())


def _by_group(values, groups, num_groups):
    return [float(np.mean(values[groups == group])) for group in range(num_groups)]


def verification(features: np.ndarray, changed: np.ndarray) -> dict:
    """Tells how well Euclidean distances of features tell people apart.

    Args:
        features: [N, D] of pictures of different people.
        changed: [N, D] of the same pictures, changed so that the person stays.

    Returns:
        The area under the curve (the chance that a changed picture is nearer to its
        own than a stranger's is), and the share of changed pictures that pass where
        one pair of strangers in a hundred does.
    """
    distances = spatial.distance.cdist(features, changed)
    own = np.diagonal(distances)
    strangers = distances[~np.eye(len(distances), dtype=bool)]
    wins = stats.mannwhitneyu(strangers, own).statistic
    threshold = np.quantile(strangers, FALSE_MATCH_RATE)
    return {
        "area_under_curve": float(wins / (len(own) * len(strangers))),
        f"same_at_fmr_{FALSE_MATCH_RATE}": float(np.mean(own <= threshold)),
    }
