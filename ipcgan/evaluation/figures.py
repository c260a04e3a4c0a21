"""Opinions of the judges -> the figures of a report, each with its interval.

N people, K target groups. Every way to age them (a network, copying, tinting) goes
through the same functions.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.evaluation import age, attributes, identity, intervals
from ipcgan.evaluation.judging import Opinions

STRICT_RATE = 1e-3  # of pairs of strangers, that pass the stricter threshold.
# Targets that shall look older one after another: all but the youngest.
OLDER_GROUPS = slice(1, None)


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Up to which distance a recogniser says "the same person"."""

    usual: float  # the recogniser's own.
    strict: float  # at which STRICT_RATE of strangers pass; NaN: too few strangers.
    num_pairs: int  # of strangers.
    passing_usual: float  # share of strangers at the usual one.


def threshold(
    strangers: Opinions, name: str, usual: float, names: Sequence[str | None]
) -> Threshold:
    """Sets the stricter threshold of a recogniser on pairs of strangers.

    Args:
        strangers: opinions of [M] faces.
        name: of the recogniser.
        usual: its own threshold.
        names: of the M people, None where unknown.
    """
    pairs = identity.stranger_distances(strangers.descriptors[name], names)
    passing = float(np.mean(pairs <= usual)) if len(pairs) else np.nan
    strict = identity.threshold_at(pairs, STRICT_RATE)
    return Threshold(usual, strict, len(pairs), passing)


def measure(
    aged: Opinions,
    own: Opinions,
    real_ages: Sequence[np.ndarray],
    thresholds: Mapping[str, Threshold],
    groups: AgeGroups = CACD,
) -> dict[str, np.ndarray]:
    """Returns every figure of every picture.

    Args:
        aged: [N, K]; column k was aged to group k.
        own: [N], of the sources.
        real_ages: K arrays of judged years of real faces of each group.
        thresholds: by recogniser.
        groups: K of them.

    Returns:
        [N, K] float arrays, NaN where there is nothing to measure: judged_age;
        age_error, the years between it and the mean judged age of real faces of the
        target group; in_group and within_one_group; face_found; gender_kept; and of
        each recogniser R distance/R, same_usual/R, same_strict/R.
    """
    there = aged.counts >= 0
    real_means = np.array([np.mean(a) if len(a) else np.nan for a in real_ages])
    off = age.groups_off(aged.ages, groups)
    values = {
        "judged_age": aged.ages,
        "age_error": np.abs(aged.ages - real_means),
        "in_group": np.where(np.isnan(off), np.nan, off == 0),
        "within_one_group": np.where(np.isnan(off), np.nan, off <= 1),
        "face_found": (aged.counts > 0).astype(float),
        "gender_kept": attributes.gender_kept(aged.genders, own.genders),
        **_alike(
            aged.descriptors,
            {name: of_each[:, None] for name, of_each in own.descriptors.items()},
            thresholds,
        ),
    }
    return {name: np.where(there, value, np.nan) for name, value in values.items()}


def made_again(
    made: np.ndarray,
    sources: np.ndarray,
    opinions: Opinions,
    own: Opinions,
    thresholds: Mapping[str, Threshold],
) -> dict[str, intervals.Interval]:
    """Returns how much faces that were made again are those that they were made of.

    Args:
        made: [N, S, S, 3] uint8.
        sources: [N, S, S, 3] uint8.
        opinions: [N], of `made`.
        own: [N], of `sources`.
        thresholds: by recogniser.

    Returns:
        Intervals of means over people: pixel_error, the root mean square difference of
        a face's pixels in levels of 255; face_found; and of each recogniser R
        distance/R, same_usual/R, same_strict/R. Who has no face any more is nobody.
    """
    difference = made.astype(np.float32) - sources
    values = {
        "pixel_error": np.sqrt(np.square(difference).mean(axis=(1, 2, 3))),
        "face_found": (opinions.counts > 0).astype(float),
        **_alike(opinions.descriptors, own.descriptors, thresholds),
    }
    return {name: intervals.mean_interval(v) for name, v in values.items()}


def _alike(descriptors, own, thresholds):
    """Returns distance/R, same_usual/R and same_strict/R of each recogniser R."""
    values = {}
    for name, limit in thresholds.items():
        distance = identity.distances(descriptors[name], own[name])
        values[f"distance/{name}"] = distance
        values[f"same_usual/{name}"] = identity.same_person(distance, limit.usual)
        values[f"same_strict/{name}"] = identity.same_person(distance, limit.strict)
    return values


def by_target(
    values: Mapping[str, np.ndarray], real_ages: Sequence[np.ndarray], who: np.ndarray
) -> list[dict]:
    """Returns for each target the mean of every figure, with its interval.

    Beside the figures of `measure`: people, their number, and age_bias, the judged
    age minus that of real faces of the group.

    Args:
        values: as from `measure`.
        real_ages: as for `measure`.
        who: [N] or [N, K] bool, the people that count (for each target).
    """
    num_groups = len(real_ages)
    who = np.broadcast_to(
        who if np.ndim(who) == 2 else who[:, None], (len(who), num_groups)
    )
    rows = []
    for group in range(num_groups):
        chosen = {name: v[who[:, group], group] for name, v in values.items()}
        row = {n: intervals.mean_interval(v) for n, v in chosen.items()}
        row["age_bias"] = intervals.difference_interval(
            chosen["judged_age"], real_ages[group]
        )
        row["people"] = int(np.isfinite(chosen["face_found"]).sum())
        rows.append(row)
    return rows


def real_rows(real_ages: Sequence[np.ndarray], groups: AgeGroups = CACD) -> list[dict]:
    """Returns for each group what `by_target` says of age, of real faces of it."""
    rows = []
    for group, ages in enumerate(real_ages):
        ages = np.asarray(ages, float)
        judged = age.judged_groups(ages, groups) if len(ages) else ages
        off = np.abs(judged - group)
        mean = np.mean(ages) if len(ages) else np.nan
        columns = {
            "judged_age": ages,
            "age_error": np.abs(ages - mean),
            "in_group": off == 0,
            "within_one_group": off <= 1,
        }
        row = {n: intervals.mean_interval(v) for n, v in columns.items()}
        rows.append({**row, "age_bias": (0.0, 0.0, 0.0), "people": len(ages)})
    return rows


def summary(values: Mapping[str, np.ndarray], source_groups: np.ndarray) -> dict:
    """Returns the figures that are about several targets at once.

    Of people, not of pictures: who has two neighbouring groups counts once, with the
    mean of both.

    Args:
        values: as from `measure`.
        source_groups: [N] int.

    Returns:
        Intervals: never_steps_back, rank_correlation, gender_kept (over all targets),
        rise (judged age of the oldest target minus that of the second, years), and of
        each recogniser's figures FIGURE/R one_away/FIGURE/R (targets one group from the
        source's) and to_oldest/FIGURE/R (of people who are younger than that).
    """
    ages = values["judged_age"]
    steps = np.abs(np.arange(ages.shape[1]) - source_groups[:, None])  # [N, K]
    younger = source_groups < ages.shape[1] - 1
    older = ages[:, OLDER_GROUPS]
    result = {
        "never_steps_back": age.never_steps_back(older),
        "rank_correlation": age.rank_correlation(ages),
        "rise": older[:, -1] - older[:, 0],
        "gender_kept": mean_of_person(values["gender_kept"]),
    }
    for name, value in values.items():
        if name.startswith(("distance/", "same_")):
            near = np.where(steps == 1, value, np.nan)
            result[f"one_away/{name}"] = mean_of_person(near)
            result[f"to_oldest/{name}"] = value[younger, -1]
    return {name: intervals.mean_interval(v) for name, v in result.items()}


def mean_of_person(values):
    """Returns the mean of each person: [N, K] -> [N].

    NaN is left out; a person who has nothing else is NaN.
    """
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
