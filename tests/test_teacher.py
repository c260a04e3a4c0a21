import numpy as np
import pytest

from ipcgan.evaluation import teacher


def test_age_head_by_hand():
    logits = np.eye(5)[[0, 1, 1, 4, 2, 3]]
    figures = teacher.age_head(logits, np.array([0, 1, 2, 3, 2, 0]))
    assert figures["faces"] == 6
    # Groups 0, 1 and the second 2 are right; the first 2 and the 3 miss by one.
    assert figures["age_exact"] == pytest.approx(3 / 6)
    assert figures["age_within_one_group"] == pytest.approx(5 / 6)
    assert figures["age_exact_by_group"][:4] == pytest.approx([0.5, 1.0, 0.5, 0.0])


def test_years_by_hand():
    read, ages = np.array([20.0, 30.0, 60.0]), np.array([16, 36, 61])
    by_group, error = teacher.years(read, ages, np.array([0, 0, 1]), 2)
    assert by_group == [25.0, 60.0]
    assert error == pytest.approx((4 + 6 + 1) / 3)


def test_verification_of_people_who_are_far_apart_is_perfect():
    features = 10.0 * np.eye(20)
    figures = teacher.verification(features, features + 0.1)
    assert figures == {"area_under_curve": 1.0, "same_at_fmr_0.01": 1.0}


def test_verification_by_features_that_know_nobody_is_chance():
    random = np.random.default_rng(0)
    figures = teacher.verification(*random.normal(size=(2, 400, 8)))
    # 400 own pairs: a standard error of 0.5 / sqrt(3 * 400) = 0.014.
    assert figures["area_under_curve"] == pytest.approx(0.5, abs=0.06)
    assert figures["same_at_fmr_0.01"] < 0.04
