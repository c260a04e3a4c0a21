"""Figures of hand-made opinions: everything here can be counted by hand."""

import numpy as np
import pytest

from ipcgan.age_groups import CACD
from ipcgan.evaluation import figures, goals
from ipcgan.evaluation.judging import Opinions

REAL_AGES = [np.array(ages, float) for ages in ([14, 16], [25], [35], [45], [59, 61])]
THRESHOLDS = {"R": figures.Threshold(0.6, 0.5, 1000, 0.01)}


def opinions(ages, positions, genders=None, counts=None):
    """Opinions with one-dimensional descriptors, so that distances are differences."""
    ages = np.array(ages, float)
    return Opinions(
        ages=ages,
        genders=np.full(ages.shape, "male") if genders is None else np.array(genders),
        counts=np.ones(ages.shape, int) if counts is None else np.array(counts),
        descriptors={"R": np.array(positions, float)[..., None]},
    )


def everybody(count):
    return np.ones(count, bool)


def test_a_copy_is_the_same_person_and_does_not_age():
    own = opinions([30, 40, 50], [0.0, 1.0, 2.0])
    copies = own.at(np.arange(3)[:, None].repeat(5, axis=1))
    values = figures.measure(copies, own, REAL_AGES, THRESHOLDS)
    assert (values["distance/R"] == 0).all()
    assert (values["same_strict/R"] == 1).all()
    assert (values["gender_kept"] == 1).all()
    summary = figures.summary(values, np.array([1, 2, 3]))
    assert summary["rise"][0] == 0.0
    assert summary["rank_correlation"][0] == 0.0
    assert summary["one_away/same_strict/R"][0] == 1.0


def test_figures_of_a_target_by_hand():
    own = opinions([30, 40], [0.0, 1.0])
    aged = opinions(
        [[15, 28, 35, 47, 70], [12, 22, 41, 45, 60]],
        [[0.55, 0.1, 0, 0, 0.7], [1.2, 1, 1, 1, 1.45]],
        genders=[["female", *["male"] * 4], ["male"] * 5],
    )
    values = figures.measure(aged, own, REAL_AGES, THRESHOLDS)
    youngest, *_, oldest = figures.by_target(values, REAL_AGES, everybody(2))
    assert youngest["judged_age"][0] == 13.5
    assert youngest["age_bias"][0] == -1.5
    assert youngest["age_error"][0] == 1.5  # of 0 and 3 years beside 15.
    assert youngest["same_usual/R"][0] == 1.0
    assert youngest["same_strict/R"][0] == 0.5
    assert youngest["gender_kept"][0] == 0.5
    assert youngest["people"] == 2
    assert oldest["age_bias"][0] == 5.0
    assert oldest["distance/R"][0] == pytest.approx(0.575)
    assert oldest["in_group"][0] == 1.0

    of_second = figures.by_target(values, REAL_AGES, np.array([False, True]))
    assert of_second[2]["judged_age"] == (41, 41, 41)
    assert (of_second[2]["in_group"][0], of_second[2]["within_one_group"][0]) == (0, 1)


def test_summary_counts_people_by_hand():
    own = opinions([30, 60], [0.0, 0.0])
    aged = opinions(
        [[15, 20, 30, 40, 50], [15, 30, 20, 40, 60]],
        [[0.55, 0, 0.55, 0, 0.1], [0, 0, 0, 0.2, 0.9]],
    )
    values = figures.measure(aged, own, REAL_AGES, THRESHOLDS)
    summary = figures.summary(values, np.array([1, 4]))
    assert summary["never_steps_back"][0] == 0.5
    assert summary["rise"][0] == 30.0
    # The first has neighbours 11-20 and 31-40, both at 0.55: not the same at 0.5; the
    # second 41-50 alone, at 0.2.
    assert summary["one_away/same_strict/R"][0] == 0.5
    assert summary["one_away/same_usual/R"][0] == 1.0
    # Only the first is younger than 51+.
    assert summary["to_oldest/same_strict/R"][0] == 1.0


def test_no_face_counts_against_identity_and_gender_and_no_picture_does_not():
    own = opinions([30], [0.0])
    aged = opinions(
        [[np.nan, 25, 35, 45, np.nan]],
        [[np.nan, 0, 0, 0, np.nan]],
        genders=[["", "male", "male", "male", ""]],
        counts=[[0, 1, 1, 1, -1]],
    )
    values = figures.measure(aged, own, REAL_AGES, THRESHOLDS)
    rows = figures.by_target(values, REAL_AGES, everybody(1))
    assert rows[0]["face_found"][0] == 0.0
    assert rows[0]["same_usual/R"][0] == 0.0
    assert rows[0]["gender_kept"][0] == 0.0
    assert np.isnan(rows[0]["judged_age"][0])
    assert rows[4]["people"] == 0
    assert np.isnan(rows[4]["same_usual/R"][0])


def test_no_real_faces_leave_the_age_without_bias():
    own = opinions([30], [0.0])
    aged = own.at(np.zeros((1, 5), int))
    nobody = [np.array([])] * 5
    values = figures.measure(aged, own, nobody, THRESHOLDS)
    row = figures.by_target(values, nobody, everybody(1))[0]
    assert row["judged_age"][0] == 30.0
    assert np.isnan(row["age_bias"][0])
    assert np.isnan(row["age_error"][0])
    assert figures.real_rows(nobody)[0]["people"] == 0


def test_real_faces_have_a_spread_of_their_own():
    rows = figures.real_rows(REAL_AGES)
    assert rows[0]["age_error"][0] == 1.0  # 14 and 16 beside 15.
    assert rows[4]["in_group"][0] == 1.0


def goal(floor=0.85, wanted=0.95):
    return goals.Goal("order", "x", wanted, floor)


def test_shortfall_is_0_at_the_goal_and_1_at_the_floor():
    assert goal().shortfall(0.95) == goal().shortfall(1.0) == 0.0
    assert goal().shortfall(0.85) == pytest.approx(1.0)
    assert goals.Goal("age", "x", 3.0, 8.0).shortfall(5.5) == pytest.approx(0.5)
    assert goal().verdict(0.95) == "reached"
    assert goal().verdict(0.9) == "above the floor"
    assert goal().verdict(0.8) == "below the floor"
    assert goal().verdict(np.nan) == "not measured"


def test_score_is_0_where_all_goals_are_reached():
    assert goals.score([g.goal for g in goals.GOALS])[0] == 0.0


def test_score_averages_an_axis_and_counts_twice_beyond_the_floor():
    values = [g.goal for g in goals.GOALS]
    order = next(i for i, g in enumerate(goals.GOALS) if g.axis == "order")
    values[order] = 0.75  # a shortfall of 2: 1 to the floor, 1 beyond, twice.
    values[0] = 8.0  # one of seven goals of age, at its floor.
    total, parts = goals.score(values)
    assert parts["order"] == pytest.approx(3.0)
    assert parts["age"] == pytest.approx(1 / 7)
    assert total == pytest.approx(3 + 1 / 7)


def test_an_axis_that_was_not_measured_is_left_out():
    values = [np.nan if g.axis == "quality" else g.goal for g in goals.GOALS]
    total, parts = goals.score(values)
    assert total == 0.0
    assert np.isnan(parts["quality"])


def test_figures_stand_beside_their_goals():
    names = CACD.names
    interval = lambda value: (value, value, value)  # noqa: E731
    report = {
        "targets": {
            name: {
                "younger": {"age_bias": interval(-10.0 - i)},
                "older": {"age_bias": interval(20.0 + i)},
            }
            for i, name in enumerate(names)
        },
        "summary": {
            "never_steps_back": interval(0.1),
            "one_away/same_strict/R": interval(0.2),
            "to_oldest/same_strict/R": interval(0.3),
            "gender_kept": interval(0.4),
        },
        "kid": {
            "targets": {
                n: {"aged": (0.5, 0.1), "blurred real faces": (2.0, 0.1)}
                for n in names[1:4]
            }
        },
    }
    found = dict(
        zip((g.name for g in goals.GOALS), goals.figures(report, "R"), strict=True)
    )
    assert found["to 21-30 from younger"] == 11.0
    assert found["to 41-50 from older"] == 23.0
    assert found["to 51+ from younger"] == 14.0
    assert found["judged age never steps back"] == 0.1
    assert found["same person, one group away"] == 0.2
    assert found["same person, to 51+"] == 0.3
    assert found["gender kept"] == 0.4
    assert found["KID of 21-30 / KID of a blur"] == 0.25
    assert np.isnan(found["KID of 51+ / KID of a blur"])
