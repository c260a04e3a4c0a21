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

    Both are drawn again: the mean of the others is no more certain than they are
    many. NaN is left out; where one side has no value, all three are NaN.
    """
    values, others = _finite(values), _finite(others)
    if len(values) == 0 or len(others) == 0:
        return (np.nan,) * 3
    difference = float(values.mean() - others.mean())
    if _is_constant(values) and _is_constant(others):
        return difference, difference, difference
    return difference, *_ends((values, others), _difference)


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


def _ends(samples, statistic):
    from scipy import stats  # Slow, and the tables of who only ages never draw again.

    # One of the samples may hold a single value, which scipy will not draw from.
    samples = tuple(np.repeat(s, 2) if len(s) == 1 else s for s in samples)
    interval = stats.bootstrap(
        samples,
        statistic,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return float(interval.low), float(interval.high)
