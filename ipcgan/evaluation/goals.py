"""What the weights shall reach, and the rule by which a checkpoint is chosen.

The rule, written down before any checkpoint was chosen by it:

1. Every figure is measured on the validation split, the same people for every
   checkpoint; the test split is looked at once, with the checkpoint that was chosen.
2. A goal's shortfall is 0 where the figure reaches the goal, 1 at the floor and grows
   on in proportion, (goal - figure) / (goal - floor).
3. What lies beyond the floor counts twice: a little of everything is better than one
   figure that is not usable.
4. The shortfalls of an axis (age, order, identity, gender, quality) are averaged, so
   that age with its many goals does not outweigh the rest; the score is the sum over
   the axes. 0: all goals are reached.
5. The checkpoint with the lowest score is shipped; of equal ones the latest.

Ages are looked at separately for sources that were younger and older than the target:
a network that pulls everybody to the middle would pass on average.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ipcgan.age_groups import CACD

AXES = ("age", "order", "identity", "gender", "quality")


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

    def verdict(self, figure: float) -> str:
        """Returns how the figure stands to goal and floor."""
        if np.isnan(figure):
            return "not measured"
        shortfall = self.shortfall(figure)
        if shortfall == 0.0:
            return "reached"
        return "above the floor" if shortfall <= 1.0 else "below the floor"


def goals_of(names: Sequence[str]) -> tuple[Goal, ...]:
    """Returns the goals of a network that ages to groups of these names.

    The youngest group has none: for the five of CACD nobody trains for it, and of the
    six of Age-cGAN it is everybody from babies to 18.
    """
    # Judged years minus those of real faces of the group, without their sign.
    ages = [
        Goal("age", f"to {name} from {who}", 3.0, 8.0, "years")
        for group, name in enumerate(names)
        for who in ("younger", "older")
        if group > 0 and not (who == "older" and group == len(names) - 1)
    ]
    # KID over that of real faces behind a blur of 2 pixels. There is no floor for
    # it: 2 only says how much it weighs.
    quality = [
        Goal("quality", f"KID of {name} / KID of a blur", 1.0, 2.0, "")
        for name in names[1:]
    ]
    return (
        *ages,
        Goal("order", "judged age never steps back", 0.95, 0.85),
        Goal("identity", "same person, one group away", 0.97, 0.90),
        Goal("identity", f"same person, to {names[-1]}", 0.90, 0.75),
        Goal("gender", "gender kept", 0.97, 0.93),
        *quality,
    )


GOALS = goals_of(CACD.names)


def figures(report: dict, recogniser: str) -> list[float]:
    """Returns the figure of every goal, in the order of goals_of; NaN: not measured.

    Identity is that of `recogniser` at the threshold that 1 stranger in 1,000 passes.

    Args:
        report: as evaluating makes it, with "targets", "summary" and "kid".
        recogniser: by name.
    """
    values, names = [], list(report["targets"])
    for name in names[1:]:
        for who in ("younger", "older"):
            values.append(abs(report["targets"][name][who]["age_bias"][0]))
    del values[-1]  # Nobody is older than the oldest group.
    summary = report["summary"]
    values += [
        summary["never_steps_back"][0],
        summary[f"one_away/same_strict/{recogniser}"][0],
        summary[f"to_oldest/same_strict/{recogniser}"][0],
        summary["gender_kept"][0],
    ]
    for name in names[1:]:
        distances = report["kid"]["targets"].get(name)
        values.append(kid_ratio(distances) if distances else np.nan)
    return values


def kid_ratio(distances: dict) -> float:
    """Returns the KID of aged faces over that of a blur; NaN if that is none.

    Args:
        distances: of one target, as from KidMeter.measure.
    """
    blurred = distances["blurred real faces"][0]
    # Of few faces the blur's may be no more than 0: nothing can be below it.
    return max(0.0, distances["aged"][0]) / blurred if blurred > 0 else np.nan


def score(
    values: Sequence[float], goals: Sequence[Goal] = GOALS
) -> tuple[float, dict[str, float]]:
    """Returns the score of figures in the order of `goals`, and that of each axis.

    An axis of which nothing was measured is left out of the sum and is NaN: scores
    are comparable only where the same was measured.
    """
    parts = {}
    for axis in AXES:
        penalties = [
            goal.shortfall(value) + max(0.0, goal.shortfall(value) - 1.0)
            for goal, value in zip(goals, values, strict=True)
            if goal.axis == axis and not np.isnan(value)
        ]
        parts[axis] = float(np.mean(penalties)) if penalties else np.nan
    return float(np.nansum(list(parts.values()))), parts
