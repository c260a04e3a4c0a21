"""How far a score depends on who happened to be measured: a bootstrap over people."""

import functools
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.evaluation import goals

RESAMPLES = 400  # so many fit into a line of scores.jsonl.
_SEED = 0  # so that a report printed twice is the same.


def scores(
    report: Mapping,
    values: Mapping[str, np.ndarray],
    source_groups: np.ndarray,
    real_ages: Mapping[str, Sequence[np.ndarray]],
    teachers: Collection[str] = (),
    groups: AgeGroups = CACD,
) -> list[float]:
    """Returns the scores of RESAMPLES samples, each drawn again from the people.

    Two networks that aged as many people get the same draws, so that their scores can
    be compared sample by sample: see `difference`. Real faces are drawn again as well.
    Quality is not measured again, but drawn from a normal distribution with its
    standard errors, for each network by itself.

    Args:
        report: of the N people and K targets, as for goals.figures; "missing" is what
            goals.score found so.
        values: as from figures.measure.
        source_groups: [N] int.
        real_ages: as for figures.measure.
        teachers: as for goals.figures.
        groups: the targets, K of them.

    Returns:
        RESAMPLES numbers of three digits after the point; none where the report has no
        score.
    """
    if report["missing"]:
        return []
    from ipcgan.evaluation import figures  # SciPy, which ageing alone does not need.

    names, judges = list(report["targets"]), report["age_judges"]
    summary = {
        name: _means(of_person)
        for name, of_person in figures.of_people(values, source_groups, groups).items()
    }
    biases = {}
    for who, chosen in figures.directions(source_groups, len(names)).items():
        for j in judges:
            judged = np.where(chosen, values[f"judged_age/{j}"], np.nan)
            for k, real in enumerate(real_ages[j]):
                biases[who, k, j] = _means(judged[:, k]) - _means(real)
    kid = _quality(report["kid"])
    wanted = goals.goals_of(names)

    def score(sample):
        means = {name: (drawn[sample],) for name, drawn in summary.items()}
        targets = {name: dict(report["targets"][name]) for name in names}
        for (who, k, j), drawn in biases.items():
            row = targets[names[k]][who]
            targets[names[k]][who] = {**row, f"age_bias/{j}": (drawn[sample],)}
        again = {
            **report,
            "targets": targets,
            "summary": {**means, "people": report["summary"]["people"]},
            "kid": kid(sample),
        }
        return goals.score(goals.figures(again, teachers), wanted)[0]

    return [round(score(sample), 3) for sample in range(RESAMPLES)]


def interval(drawn: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Returns the ends of the 95 % interval of resampled scores; NaN without any."""
    if not len(drawn):
        return np.nan, np.nan
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def difference(drawn: Sequence[float], others: Sequence[float]) -> tuple[float, float]:
    """Returns the 95 % interval of the first score minus the second: of equal people.

    Args:
        drawn: resampled scores of a network.
        others: of another one that aged the same people.
    """
    return interval(np.subtract(drawn, others))


def _means(values):
    """Means [RESAMPLES] of values [n] drawn again; NaN is left out, as if not there."""
    values = np.asarray(values, float)
    if not len(values):
        return np.full(RESAMPLES, np.nan)
    draws, known = _draws(len(values)), np.isfinite(values)
    total, count = draws @ np.where(known, values, 0.0), draws @ known.astype(float)
    nothing = np.full(RESAMPLES, np.nan)
    return np.divide(total, count, out=nothing, where=count > 0)


@functools.lru_cache(maxsize=32)  # The same for every figure of as many people.
def _draws(count):
    """How often each of `count` is drawn: [RESAMPLES, count]."""
    random = np.random.default_rng(_SEED)
    return random.multinomial(count, np.full(count, 1 / count), RESAMPLES)


def _quality(kid):
    """Returns a function of a sample: the report's "kid" as it might have been."""
    rows = kid.get(goals.QUALITY_JUDGE, {"targets": {}})["targets"]
    # By what was measured: another network has other errors.
    measured = [int(1e6 * abs(row["aged"][0])) for row in rows.values()]
    random = np.random.default_rng([_SEED, *measured])
    errors = random.normal(size=(RESAMPLES, len(rows)))

    def of(sample):
        targets = {}
        for (name, row), error in zip(rows.items(), errors[sample], strict=True):
            value, deviation = row["aged"]
            targets[name] = {**row, "aged": (value + error * deviation, deviation)}
        return {goals.QUALITY_JUDGE: {"targets": targets}} if rows else {}

    return of
