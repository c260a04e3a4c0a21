"""Predictions of the judges -> the figures of a report, each with its interval.

N people, K target groups. Every way to age them (a network, copying, tinting) goes
through the same functions.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.evaluation import age, attributes, intervals, verification
from ipcgan.evaluation.judges import Predictions
from ipcgan.evaluation.verification import Threshold


def measure(
    aged: Predictions,
    own: Predictions,
    real_ages: Mapping[str, Sequence[np.ndarray]],
    thresholds: Mapping[str, Threshold],
    groups: AgeGroups = CACD,
) -> dict[str, np.ndarray]:
    """Returns every figure of every picture.

    Args:
        aged: [N, K]; column k was aged to group k.
        own: [N], of the sources.
        real_ages: of each age judge K arrays of judged years of real faces of a group.
        thresholds: by recogniser.
        groups: K of them.

    Returns:
        [N, K] float arrays, NaN where there is nothing to measure: face_found; of each
        age judge J judged_age/J; age_error/J, the years between it and the mean judged
        age of real faces of the target group; in_group/J, within_one_group/J and
        gender_kept/J; and of each recogniser R distance/R, same_usual/R, same_strict/R.
    """
    there = aged.counts >= 0
    values = {"face_found": (aged.counts > 0).astype(float)}
    for judge, ages in aged.ages.items():
        real = real_ages[judge]
        real_means = np.array([np.mean(a) if len(a) else np.nan for a in real])
        off = age.groups_off(ages, groups)
        kept = attributes.gender_kept(aged.genders[judge], own.genders[judge])
        values |= {
            f"judged_age/{judge}": ages,
            f"age_error/{judge}": np.abs(ages - real_means),
            f"in_group/{judge}": np.where(np.isnan(off), np.nan, off == 0),
            f"within_one_group/{judge}": np.where(np.isnan(off), np.nan, off <= 1),
            f"gender_kept/{judge}": kept,
        }
    values |= verification.verify(
        aged.descriptors,
        {name: of_each[:, None] for name, of_each in own.descriptors.items()},
        thresholds,
    )
    return {name: np.where(there, value, np.nan) for name, value in values.items()}


def by_target(
    values: Mapping[str, np.ndarray],
    real_ages: Mapping[str, Sequence[np.ndarray]],
    who: np.ndarray,
) -> list[dict]:
    """Returns for each target the mean of every figure, with its interval.

    Besides the figures of `measure`: people, their number, and of each age judge J
    age_bias/J, the judged age minus that of real faces of the group.

    Args:
        values: as from `measure`.
        real_ages: as for `measure`.
        who: [N] or [N, K] bool, the people that count (for each target).
    """
    num_groups = values["face_found"].shape[1]
    who = np.broadcast_to(
        who if np.ndim(who) == 2 else who[:, None], (len(who), num_groups)
    )
    rows = []
    for group in range(num_groups):
        chosen = {name: v[who[:, group], group] for name, v in values.items()}
        row: dict = {n: intervals.mean_interval(v) for n, v in chosen.items()}
        for judge, real in real_ages.items():
            row[f"age_bias/{judge}"] = intervals.difference_interval(
                chosen[f"judged_age/{judge}"], real[group]
            )
        row["people"] = int(np.isfinite(chosen["face_found"]).sum())
        rows.append(row)
    return rows


def real_rows(
    real_ages: Mapping[str, Sequence[np.ndarray]], groups: AgeGroups = CACD
) -> list[dict]:
    """Returns the age figures of `by_target` for the real faces of each group."""
    return [
        _real_row(
            {judge: ages[group] for judge, ages in real_ages.items()}, group, groups
        )
        for group in range(len(groups))
    ]


def _real_row(ages_of, group, groups):
    row = {"people": 0}
    for judge, ages in ages_of.items():
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
        row |= {f"{n}/{judge}": intervals.mean_interval(v) for n, v in columns.items()}
        row[f"age_bias/{judge}"] = (0.0, 0.0, 0.0)
        row["people"] = len(ages)
    return row


def of_judges(
    own: Predictions, ages: np.ndarray, genders: Sequence[str | None]
) -> dict[str, dict]:
    """Returns each age judge's accuracy on untouched faces.

    Args:
        own: predictions of [N] faces.
        ages: [N] true years, NaN where unknown.
        genders: N of them, "male" or "female"; None where unknown.

    Returns:
        Of each judge the intervals bias (judged minus true years), age_error (without
        its sign) and gender_right, and ages and genders: how many faces each is of.
    """
    labels = np.array([gender or "" for gender in genders])
    known = np.not_equal(labels, "")
    result = {}
    for judge, judged in own.ages.items():
        off = judged - ages
        right = (own.genders[judge] == labels)[known].astype(float)
        result[judge] = {
            "bias": intervals.mean_interval(off),
            "age_error": intervals.mean_interval(np.abs(off)),
            "gender_right": intervals.mean_interval(right),
            "ages": int(np.isfinite(off).sum()),
            "genders": int(known.sum()),
        }
    return result


def summary(
    values: Mapping[str, np.ndarray],
    source_groups: np.ndarray,
    groups: AgeGroups = CACD,
) -> dict:
    """Returns the figures that are about several targets at once.

    They are means over people, not pictures: a person with two neighbouring groups
    counts once, with the mean of both.

    Args:
        values: as from `measure`.
        source_groups: [N] int.
        groups: the targets, K of them.

    Returns:
        Intervals: face_found (over all targets); of each age judge J
        never_steps_back/J (over the adult targets), rank_correlation/J, gender_kept/J
        (over all targets) and rise/J (judged age of the oldest target minus that of the
        youngest adult one, years); and of each recogniser's figures FIGURE/R
        one_away/FIGURE/R (targets one group from the source's) and to_oldest/FIGURE/R
        (of people who are younger than that). And people: of each of them, how many it
        is of.
    """
    result = of_people(values, source_groups, groups)
    people = {name: int(np.isfinite(v).sum()) for name, v in result.items()}
    return {
        **{n: intervals.mean_interval(v) for n, v in result.items()},
        "people": people,
    }


def of_people(
    values: Mapping[str, np.ndarray],
    source_groups: np.ndarray,
    groups: AgeGroups = CACD,
) -> dict[str, np.ndarray]:
    """Returns the figures of `summary` of each person: [N], NaN where there is none."""
    num_groups = len(groups)
    steps = np.abs(np.arange(num_groups) - source_groups[:, None])  # [N, K]
    younger = source_groups < num_groups - 1
    result = {"face_found": mean_of_person(values["face_found"])}
    for name, value in values.items():
        figure, _, judge = name.partition("/")
        if figure == "judged_age":
            adult = value[:, groups.first_adult :]
            result[f"never_steps_back/{judge}"] = age.never_steps_back(adult)
            result[f"rank_correlation/{judge}"] = age.rank_correlation(value)
            result[f"rise/{judge}"] = adult[:, -1] - adult[:, 0]
        elif figure == "gender_kept":
            result[name] = mean_of_person(value)
        elif figure in ("distance", "same_usual", "same_strict"):
            near = np.where(steps == 1, value, np.nan)
            result[f"one_away/{name}"] = mean_of_person(near)
            result[f"to_oldest/{name}"] = np.where(younger, value[:, -1], np.nan)
    return result


def directions(source_groups: np.ndarray, num_groups: int) -> dict[str, np.ndarray]:
    """Returns who is younger than the target, and who older: [N, K] bool each."""
    targets, groups = np.arange(num_groups), source_groups[:, None]
    return {"younger": groups < targets, "older": groups > targets}


def mean_of_person(values):
    """Returns the mean of each person: [N, K] -> [N].

    NaN is left out; a person with nothing else is NaN.
    """
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
