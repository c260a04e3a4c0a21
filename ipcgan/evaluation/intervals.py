"""Confidence intervals of means, by bootstrap over people."""

import numpy as np

_RESAMPLES = 2000
_SEED = 0  # so that a report printed twice is the same.

Interval = tuple[float, float, float]  # mean, and the ends of its 95 % interval.


def mean_interval(values: np.ndarray) -> Interval:
    """Returns (mean, low, high) of [N] values: the 95 % percentile bootstrap interval.

    NaN is left out. A mean of fewer than two values, or of equal ones, is its own
    interval; of none, all three are NaN.
    """
    values = _finite(values)
    if len(values) == 0:
        return (np.nan,) * 3
    mean = float(values.mean())
    if _is_constant(values):
        return mean, mean, mean
    return mean, *_ends((values,), np.mean)


def difference_interval(values: np.ndarray, others: np.ndarray) -> Interval:
    """Returns the mean of [N] values minus that of [M] others, and its interval.

    Both sides are drawn again, so that the interval reflects the sizes of both. NaN is
    left out; where one side has no value, all three are NaN.
    """
    values, others = _finite(values), _finite(others)
    if len(values) == 0 or len(others) == 0:
        return (np.nan,) * 3
    difference = float(values.mean() - others.mean())
    if _is_constant(values) and _is_constant(others):
        return difference, difference, difference
    return difference, *_ends((values, others), _difference)


def ratio_interval(numerators: np.ndarray, denominators: np.ndarray) -> Interval:
    """Returns the mean of [N] numerators by that of [N] denominators, and its interval.

    Pairs are drawn again. A pair with NaN is left out; without a pair, or where the
    denominators are 0 in the mean, all three are NaN. The ends are NaN where the
    interval of the denominators' mean holds 0: then the ratio has no bounds.
    """
    numerators, denominators = (
        np.asarray(values, float) for values in (numerators, denominators)
    )
    known = np.isfinite(numerators) & np.isfinite(denominators)
    numerators, denominators = numerators[known], denominators[known]
    mean, low, high = mean_interval(denominators)
    if len(denominators) == 0 or mean == 0:
        return (np.nan,) * 3
    ratio = float(numerators.mean() / mean)
    if low <= 0 <= high:
        return ratio, np.nan, np.nan
    if _is_constant(numerators) and _is_constant(denominators):
        return ratio, ratio, ratio
    return ratio, *_ends((numerators, denominators), _ratio, paired=True)


def text(interval: Interval, scale: float = 1.0, digits: int = 1) -> str:
    """Returns "mean (low to high)", or "-" where there is no mean."""
    if not np.isfinite(interval[0]):
        return "-"
    mean, low, high = (f"{scale * value:.{digits}f}" for value in interval)
    return f"{mean} ({low} to {high})"


def _finite(values):
    values = np.asarray(values, float)
    return values[np.isfinite(values)]


def _is_constant(values):
    return len(values) < 2 or np.ptp(values) == 0


def _difference(values, others, axis):
    return np.mean(values, axis=axis) - np.mean(others, axis=axis)


def _ratio(numerators, denominators, axis):
    total = np.sum(denominators, axis=axis)
    # 0 is rare, and its ratio beyond the ends whatever it is: see ratio_interval.
    total = np.where(total == 0, 1e-9, total)
    return np.sum(numerators, axis=axis) / total


def _ends(samples, statistic, paired=False):
    from scipy import stats  # Slow, and ageing alone needs no bootstrap.

    # One of the samples may hold a single value, which scipy will not draw from.
    samples = tuple(np.repeat(s, 2) if len(s) == 1 else s for s in samples)
    interval = stats.bootstrap(
        samples,
        statistic,
        paired=paired,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return float(interval.low), float(interval.high)
