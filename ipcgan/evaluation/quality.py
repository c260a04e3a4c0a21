"""How far pictures are from real ones: the kernel inception distance (KID).

Source: Binkowski et al., "Demystifying MMD GANs", ICLR 2018: the unbiased estimate of
the squared maximum mean discrepancy with a cubic polynomial kernel.
"""

from collections.abc import Sequence

import numpy as np

SCALE = 1000.0  # by which figures are multiplied in tables.
FEWEST_REAL = 20  # real faces of a group, to compare with.


def polynomial_kernel(features: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns (x . y / D + 1)^3 for every x of [N, D] and y of [M, D], as [N, M]."""
    features, others = np.asarray(features, float), np.asarray(others, float)
    return (features @ others.T / features.shape[1] + 1.0) ** 3


def kid(
    features: np.ndarray, real: np.ndarray, related: np.ndarray | None = None
) -> tuple[float, float]:
    """Returns the kernel inception distance of two sets and its standard error.

    Unbiased: 0 on average for two sets of one kind, so a single figure may be below 0.
    The error is the jackknife's, leaving out one picture at a time.

    Args:
        features: [N, D] of the pictures to measure.
        real: [M, D] of the real ones.
        related: [N, M] bool: pairs that are not independent, such as a face and its
            own blurred copy. They are left out, or the distance would be too small.

    Returns:
        (KID, standard error), not multiplied by SCALE; NaN with fewer than three
        pictures on either side.
    """
    if len(features) < 3 or len(real) < 3:
        return np.nan, np.nan
    within = polynomial_kernel(features, features)
    within_real = polynomial_kernel(real, real)
    across = polynomial_kernel(features, real)
    counted = np.ones(across.shape) if related is None else 1.0 - related
    across = across * counted

    inner, of_inner = _leave_one_out_pairs(within)
    inner_real, of_inner_real = _leave_one_out_pairs(within_real)
    outer = across.sum() / counted.sum()
    without_row = (across.sum() - across.sum(1)) / (counted.sum() - counted.sum(1))
    without_column = (across.sum() - across.sum(0)) / (counted.sum() - counted.sum(0))

    variance = _jackknife(of_inner - 2.0 * without_row)
    variance += _jackknife(of_inner_real - 2.0 * without_column)
    return float(inner + inner_real - 2.0 * outer), float(np.sqrt(variance))


def _leave_one_out_pairs(kernel):
    """Means over pairs i != j of a [N, N] kernel: of all, and without each one, [N]."""
    count = len(kernel)
    pairs = kernel - np.diag(np.diag(kernel))
    total = pairs.sum()
    without = (total - 2.0 * pairs.sum(axis=1)) / ((count - 1) * (count - 2))
    return total / (count * (count - 1)), without


def _jackknife(values):
    return (len(values) - 1) / len(values) * np.square(values - values.mean()).sum()


def by_target(
    aged: np.ndarray,
    copies: np.ndarray,
    real: np.ndarray,
    blurred: np.ndarray,
    *,
    real_groups: np.ndarray,
    others: np.ndarray,
    names: Sequence[str],
    tinted: np.ndarray | None = None,
) -> dict[str, dict]:
    """Returns how far faces aged to each group are from real faces of it.

    Args:
        aged: [N, K, D] features; NaN where there is no such face.
        copies: [N, D], of the same people's untouched faces.
        real: [M, D].
        blurred: [M, D], of the same, blurred.
        real_groups: [M], their groups.
        others: [N, K] bool, who takes part: people of another group than the target,
            in which they need no ageing.
        names: K, of the groups.
        tinted: [N, K, D], of faces that were tinted instead; NaN where there is none.

    Returns:
        {name: {version: (KID, standard error), "faces": how many are compared, or the
        number of real ones if that is less}}, of groups with FEWEST_REAL real faces.
    """
    result = {}
    for group, name in enumerate(names):
        of_group = real_groups == group
        those, who = real[of_group], others[:, group]
        if len(those) < FEWEST_REAL:
            continue

        there = who & _known(aged[:, group])
        row = {
            "faces": int(min(there.sum(), len(those))),
            "aged": kid(aged[there, group], those),
            # Of the same people as are aged: the ratio is about ageing alone.
            "copy": kid(copies[there], those),
            "real faces, halves": kid(those[::2], those[1::2]),
            "blurred real faces": kid(
                blurred[of_group], those, related=np.eye(len(those), dtype=bool)
            ),
        }
        if tinted is not None:
            chosen = who & _known(tinted[:, group])
            row["tint only"] = kid(tinted[chosen, group], those)
        result[name] = row
    return result


def _known(features):
    return np.isfinite(features).all(axis=-1)
