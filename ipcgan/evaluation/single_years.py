"""Judged ages of faces that were aged to single years, not to whole groups."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ipcgan.evaluation import age, intervals


@dataclasses.dataclass(frozen=True)
class Year:
    """Faces that were aged to one year; intervals are of means over people.

    Attributes:
        asked: the year.
        judged: judged age, years.
        off: judged age minus the asked one.
        no_face: share of the faces in which none was found.
    """

    asked: int
    judged: intervals.Interval
    off: intervals.Interval
    no_face: float


@dataclasses.dataclass(frozen=True)
class Rise:
    """How judged age rises with the asked one; intervals are of means over people.

    Attributes:
        first: the youngest asked year.
        last: the oldest.
        rises: share of people whose judged age is higher at the last than at the first.
        years: by how much.
        never_steps_back: share of people for whom it never falls in between.
        rank_correlation: Spearman's, person by person.
    """

    first: int
    last: int
    rises: intervals.Interval
    years: intervals.Interval
    never_steps_back: intervals.Interval
    rank_correlation: intervals.Interval


def by_year(years: Sequence[int], judged: np.ndarray) -> list[Year]:
    """Returns the figures of every asked year.

    Args:
        years: T asked ages, rising.
        judged: [N, T] judged ages; NaN where no face was found.
    """
    return [
        Year(
            asked,
            intervals.mean_interval(ages),
            intervals.mean_interval(ages - asked),
            float(np.isnan(ages).mean()),
        )
        for asked, ages in zip(years, judged.T, strict=True)
    ]


def rise(years: Sequence[int], judged: np.ndarray) -> Rise | None:
    """Returns how judged age rises; None for a single year.

    Args:
        years: T asked ages, rising.
        judged: [N, T] judged ages; NaN where no face was found.
    """
    if len(years) < 2:
        return None
    total = judged[:, -1] - judged[:, 0]
    rises = np.where(np.isnan(total), np.nan, total > 0)
    return Rise(
        years[0],
        years[-1],
        *map(
            intervals.mean_interval,
            (rises, total, age.never_steps_back(judged), age.rank_correlation(judged)),
        ),
    )
