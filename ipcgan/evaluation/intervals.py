"""Confidence intervals of means, by bootstrap over people."""

import numpy as np
from scipy import stats

_RESAMPLES = 2000
_SEED = 0  # so that a report printed twice is the same.


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Returns (mean, low, high) of [N] values: the 95 % percentile bootstrap interval.

    NaN is left out. A mean of fewer than two values, or of equal ones, is its own
    interval; of none, all three are NaN.
    """
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return (np.nan,) * 3
    mean = float(values.mean())
    if len(values) < 2 or np.ptp(values) == 0:
        return mean, mean, mean
    interval = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return mean, float(interval.low), float(interval.high)


def text(interval: tuple[float, float, float], scale: float = 1.0, digits=1) -> str:
    """Returns "mean (low to high)"."""
    mean, low, high = (f"{scale * value:.{digits}f}" for value in interval)
    return f"{mean} ({low} to {high})"
