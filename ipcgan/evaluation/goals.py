"""The goals for shipped weights, and the rule that chooses a checkpoint.

The rule, written down before any checkpoint was chosen by it:

1. Every figure is measured on the validation split, the same people for every
   checkpoint; the test split is looked at once, with the checkpoint that was chosen.
2. Teachers do not judge. Age, order and gender are judged by two networks that taught
   no generator, and the worse figure counts. Identity is that of the worst recogniser
   that is no teacher, and quality is measured in features of no teacher.
3. A goal's shortfall is 0 where the figure reaches the goal, 1 at the floor and grows
   on in proportion, (goal - figure) / (goal - floor).
4. What lies beyond the floor counts twice: a little of everything is better than one
   figure that is not usable.
5. The shortfalls of an axis are averaged, so that age with its many goals does not
   outweigh the rest; the score is the sum over the axes. 0: all goals are reached.
6. A figure of fewer than 30 people, or compared with fewer real faces, has no verdict.
   Where a goal has none there is no score: nothing drops out of a sum.
7. The checkpoint with the lowest score is shipped; of equal ones the latest. Where
   these people do not tell two apart (the interval of the difference holds 0, see
   resampling) how their faces look may decide, and the model card says so.

Ages are looked at separately for sources that were younger and older than the target:
a network that pulls everybody to the middle would pass on average.
"""

import dataclasses
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from ipcgan.age_groups import CACD

AXES = ("age", "order", "identity", "gender", "quality", "face")
FEWEST = 30  # people, and real faces, of a verdict.
JUDGES = 2  # of age and gender, that a score needs.


@dataclasses.dataclass(frozen=True)
class Goal:
    """One figure and where it shall be."""

    axis: str  # one of AXES.
    name: str
    goal: float
    floor: float  # not usable beyond it.
    unit: str = "%"  # "%": the figure is a share.

    def shortfall(self, figure: float) -> float:
        """Returns 0 where the goal is reached, 1 at the floor; NaN if not measured."""
        return max(0.0, (self.goal - figure) / (self.goal - self.floor))


@dataclasses.dataclass(frozen=True)
class Figure:
    """What was measured of a goal."""

    value: float  # NaN: not measured.
    people: int  # whom it is of; of a comparison with fewer real faces, these.
    judge: str  # whose figure it is, the worst of those who may judge.
    missing: str = ""  # why there is no verdict; "": there is one.


def verdict(goal: Goal, figure: Figure) -> str:
    """Returns how a figure stands to goal and floor, or why there is no verdict."""
    if figure.missing:
        return figure.missing
    shortfall = goal.shortfall(figure.value)
    if shortfall == 0.0:
        return "reached"
    return "above the floor" if shortfall <= 1.0 else "below the floor"


def goals_of(names: Sequence[str]) -> tuple[Goal, ...]:
    """Returns the goals of a network that ages to groups of these names."""
    # Judged years minus those of real faces of the group, without their sign.
    ages = [
        Goal("age", f"to {name} from {who}", 3.0, 8.0, "years")
        for name, who in _directions(names)
    ]
    return (
        *ages,
        Goal("order", "judged age never steps back", 0.95, 0.85),
        Goal("identity", "same person, one group away", 0.99, 0.95),
        Goal("identity", f"same person, to {names[-1]}", 0.92, 0.80),
        Goal("gender", "gender kept", 0.97, 0.93),
        # At 1 doing nothing is as near to real faces.
        Goal("quality", "KID of aged faces / KID of copies", 0.5, 1.0, ""),
        Goal("face", "a face is found", 0.99, 0.95),
    )


def _directions(names):
    """Yields (target, "younger" or "older": who is aged to it)."""
    for number, name in enumerate(names):
        if number > 0:
            yield name, "younger"
        if number < len(names) - 1:
            yield name, "older"


GOALS = goals_of(CACD.names)


def figures(report: dict, teachers: Collection[str]) -> list[Figure]:
    """Returns the figure of every goal, in the order of goals_of.

    Args:
        report: as evaluating makes it, with "targets", "summary", "age_judges",
            "thresholds" and "kid".
        teachers: recognisers used in the network's training or latent search.
    """
    names, judges = list(report["targets"]), report["age_judges"]
    pupils = [name for name in report["thresholds"] if name not in teachers]
    found = [_age_figure(report, name, who) for name, who in _directions(names)]
    found.append(_judged(report, "never_steps_back", judges))
    for which in ("one_away", "to_oldest"):
        found.append(_worst(report, f"{which}/same_strict", pupils, _NOBODY_LEFT))
    found.append(_judged(report, "gender_kept", judges))
    found.append(_kid_figure(report, names))
    value, people = report["summary"]["face_found"][0], report["people"]
    return [*found, _figure(value, people, "dlib's detector")]


_NOBODY_LEFT = "every recogniser is a teacher (--recogniser=HSE is none)"


def _figure(value, people, judge):
    if people < FEWEST:
        return Figure(value, people, judge, f"no verdict: {people} of {FEWEST} faces")
    missing = "not measured" if np.isnan(value) else ""
    return Figure(value, people, judge, missing)


def _age_figure(report, name, who):
    target = report["targets"][name]
    row, real = target[who], target["real"]["people"]
    biases = {j: abs(row[f"age_bias/{j}"][0]) for j in report["age_judges"]}
    worst = max(biases, key=lambda j: np.nan_to_num(biases[j], nan=np.inf))
    return _by_two(_figure(biases[worst], min(row["people"], real), worst), biases)


def _judged(report, figure, judges):
    return _by_two(_worst(report, figure, judges, "no age judge"), judges)


def _by_two(figure, judges):
    if len(judges) >= JUDGES or figure.missing:
        return figure
    why = f"judged by {figure.judge} alone; --age_judge takes two for a verdict"
    return dataclasses.replace(figure, missing=why)


def _worst(report, figure, judges, nobody):
    if not judges:
        return Figure(np.nan, 0, "", f"not measured: {nobody}")
    values = {j: report["summary"][f"{figure}/{j}"][0] for j in judges}
    worst = min(values, key=lambda j: np.nan_to_num(values[j], nan=-np.inf))
    people = report["summary"]["people"][f"{figure}/{worst}"]
    return _figure(values[worst], people, worst)


def _kid_figure(report, names):
    kid = report["kid"].get(QUALITY_JUDGE, {"targets": {}})["targets"]
    lacking = [name for name in names if name not in kid]
    if lacking:
        why = f"not measured: {QUALITY_JUDGE}, or real faces of {', '.join(lacking)}"
        return Figure(np.nan, 0, QUALITY_JUDGE, why)
    faces = min(row["faces"] for row in kid.values())
    return _figure(kid_ratio(kid.values()), faces, QUALITY_JUDGE)


QUALITY_JUDGE = "HSE"  # in whose embedding faces are compared with real ones.


def kid_ratio(distances: Iterable[dict]) -> float:
    """Returns the KID of aged faces over that of copies; NaN if that is none.

    Of all targets together: in the middle of life copies are so near to real faces
    that a ratio of that target alone would be of noise.

    Args:
        distances: of targets, as from quality.by_target.
    """
    distances = list(distances)
    aged, copies = (sum(row[v][0] for row in distances) for v in ("aged", "copy"))
    return max(0.0, aged) / copies if copies > 0 else np.nan


def score(
    found: Sequence[Figure], goals: Sequence[Goal] = GOALS
) -> tuple[float, dict[str, float], list[str]]:
    """Returns the score of figures in the order of `goals`.

    Returns:
        (score, that of each axis, what is missing for one). Where anything is missing,
        its axis and the score are NaN.
    """
    parts, missing = {}, []
    for axis in AXES:
        pairs = [
            (goal, figure)
            for goal, figure in zip(goals, found, strict=True)
            if goal.axis == axis
        ]
        missing += [f"{g.axis}, {g.name}: {f.missing}" for g, f in pairs if f.missing]
        parts[axis] = np.nan
        if not any(figure.missing for _, figure in pairs):
            shortfalls = [goal.shortfall(figure.value) for goal, figure in pairs]
            parts[axis] = float(np.mean([s + max(0.0, s - 1.0) for s in shortfalls]))
    return float(np.sum(list(parts.values()))), parts, missing
