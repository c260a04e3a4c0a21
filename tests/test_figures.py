"""Figures of hand-made predictions: everything here can be counted by hand."""

import numpy as np
import pytest

from ipcgan.age_groups import CACD, FFHQ_AGING
from ipcgan.evaluation import figures, goals, verification
from ipcgan.evaluation.judges import Predictions

REAL_AGES = {
    "J": [np.array(ages, float) for ages in ([14, 16], [25], [35], [45], [59, 61])]
}
THRESHOLDS = {"R": verification.Threshold(0.6, 0.5, 1000, 0.01)}


def predictions(ages, positions, genders=None, counts=None):
    """With one-dimensional descriptors, so that distances are differences."""
    ages = np.array(ages, float)
    genders = np.full(ages.shape, "male") if genders is None else np.array(genders)
    return Predictions(
        counts=np.ones(ages.shape, int) if counts is None else np.array(counts),
        ages={"J": ages},
        genders={"J": genders},
        descriptors={"R": np.array(positions, float)[..., None]},
        embeddings={},
    )


def everybody(count):
    return np.ones(count, bool)


def test_a_copy_is_the_same_person_and_does_not_age():
    own = predictions([30, 40, 50], [0.0, 1.0, 2.0])
    copies = own.at(np.arange(3)[:, None].repeat(5, axis=1))
    values = figures.measure(copies, own, REAL_AGES, THRESHOLDS)
    assert (values["distance/R"] == 0).all()
    assert (values["same_strict/R"] == 1).all()
    assert (values["gender_kept/J"] == 1).all()
    summary = figures.summary(values, np.array([1, 2, 3]))
    assert summary["rise/J"][0] == 0.0
    assert summary["rank_correlation/J"][0] == 0.0
    assert summary["one_away/same_strict/R"][0] == 1.0


def test_figures_of_a_target_by_hand():
    own = predictions([30, 40], [0.0, 1.0])
    aged = predictions(
        [[15, 28, 35, 47, 70], [12, 22, 41, 45, 60]],
        [[0.55, 0.1, 0, 0, 0.7], [1.2, 1, 1, 1, 1.45]],
        genders=[["female", *["male"] * 4], ["male"] * 5],
    )
    values = figures.measure(aged, own, REAL_AGES, THRESHOLDS)
    youngest, *_, oldest = figures.by_target(values, REAL_AGES, everybody(2))
    assert youngest["judged_age/J"][0] == 13.5
    assert youngest["age_bias/J"][0] == -1.5
    assert youngest["age_error/J"][0] == 1.5  # differences of 0 and 3 years from 15.
    assert youngest["same_usual/R"][0] == 1.0
    assert youngest["same_strict/R"][0] == 0.5
    assert youngest["gender_kept/J"][0] == 0.5
    assert youngest["people"] == 2
    assert oldest["age_bias/J"][0] == 5.0
    assert oldest["distance/R"][0] == pytest.approx(0.575)
    assert oldest["in_group/J"][0] == 1.0

    of_second = figures.by_target(values, REAL_AGES, np.array([False, True]))
    assert of_second[2]["judged_age/J"] == (41, 41, 41)
    assert of_second[2]["in_group/J"][0] == 0
    assert of_second[2]["within_one_group/J"][0] == 1


def test_summary_counts_people_by_hand():
    own = predictions([30, 60], [0.0, 0.0])
    aged = predictions(
        [[15, 20, 30, 40, 50], [15, 30, 20, 40, 60]],
        [[0.55, 0, 0.55, 0, 0.1], [0, 0, 0, 0.2, 0.9]],
    )
    values = figures.measure(aged, own, REAL_AGES, THRESHOLDS)
    summary = figures.summary(values, np.array([1, 4]))
    assert summary["never_steps_back/J"][0] == 0.5
    assert summary["rise/J"][0] == 30.0
    # The first has neighbours 11-20 and 31-40, both at 0.55: not the same at 0.5; the
    # second 41-50 alone, at 0.2.
    assert summary["one_away/same_strict/R"][0] == 0.5
    assert summary["one_away/same_usual/R"][0] == 1.0
    # Only the first is younger than 51+.
    assert summary["to_oldest/same_strict/R"][0] == 1.0


def test_order_and_rise_are_of_the_groups_of_adults():
    """Ten groups, of which 20-29 to 70+ are adults: children may step back."""
    ages = [[9, 8, 7, 6, 5, 20, 30, 40, 60, 71], [1, 2, 3, 4, 5, 25, 24, 40, 60, 70]]
    own = predictions([30, 60], [0.0, 0.0])
    aged = predictions(ages, [[0.0] * 10] * 2)
    real_ages = {"J": [np.array([50.0])] * 10}
    values = figures.measure(aged, own, real_ages, THRESHOLDS, FFHQ_AGING)
    people = figures.of_people(values, np.array([6, 8]), FFHQ_AGING)
    assert people["never_steps_back/J"].tolist() == [1, 0]
    assert people["rise/J"].tolist() == [51, 45]


def test_no_face_counts_against_identity_and_gender_and_no_picture_does_not():
    own = predictions([30], [0.0])
    aged = predictions(
        [[np.nan, 25, 35, 45, np.nan]],
        [[np.nan, 0, 0, 0, np.nan]],
        genders=[["", "male", "male", "male", ""]],
        counts=[[0, 1, 1, 1, -1]],
    )
    values = figures.measure(aged, own, REAL_AGES, THRESHOLDS)
    rows = figures.by_target(values, REAL_AGES, everybody(1))
    assert rows[0]["face_found"][0] == 0.0
    assert rows[0]["same_usual/R"][0] == 0.0
    assert rows[0]["gender_kept/J"][0] == 0.0
    assert np.isnan(rows[0]["judged_age/J"][0])
    assert rows[4]["people"] == 0
    assert np.isnan(rows[4]["same_usual/R"][0])


def test_no_real_faces_leave_the_age_without_bias():
    own = predictions([30], [0.0])
    aged = own.at(np.zeros((1, 5), int))
    nobody = {"J": [np.array([])] * 5}
    values = figures.measure(aged, own, nobody, THRESHOLDS)
    row = figures.by_target(values, nobody, everybody(1))[0]
    assert row["judged_age/J"][0] == 30.0
    assert np.isnan(row["age_bias/J"][0])
    assert np.isnan(row["age_error/J"][0])
    assert figures.real_rows(nobody)[0]["people"] == 0


def test_real_faces_have_a_spread_of_their_own():
    rows = figures.real_rows(REAL_AGES)
    assert rows[0]["age_error/J"][0] == 1.0  # 14 and 16 instead of 15.
    assert rows[4]["in_group/J"][0] == 1.0


def test_judges_are_measured_on_faces_that_nobody_aged():
    own = predictions([30, 44, 61], [0, 0, 0], genders=["male", "female", "male"])
    found = figures.of_judges(own, np.array([33, 40, np.nan]), ["male", "male", None])
    assert found["J"]["bias"][0] == 0.5  # -3 and 4 years.
    assert found["J"]["age_error"][0] == 3.5
    assert found["J"]["gender_right"][0] == 0.5
    assert (found["J"]["ages"], found["J"]["genders"]) == (2, 2)


def goal(floor=0.85, wanted=0.95):
    return goals.Goal("order", "x", wanted, floor)


def figure(value, people=100, missing=""):
    return goals.Figure(value, people, "J", missing)


def test_shortfall_is_0_at_the_goal_and_1_at_the_floor():
    assert goal().shortfall(0.95) == goal().shortfall(1.0) == 0.0
    assert goal().shortfall(0.85) == pytest.approx(1.0)
    assert goals.Goal("age", "x", 3.0, 8.0).shortfall(5.5) == pytest.approx(0.5)
    assert goals.verdict(goal(), figure(0.95)) == "reached"
    assert goals.verdict(goal(), figure(0.9)) == "above the floor"
    assert goals.verdict(goal(), figure(0.8)) == "below the floor"
    assert goals.verdict(goal(), figure(0.95, missing="few")) == "few"


def test_score_is_0_where_all_goals_are_reached():
    total, _, missing = goals.score([figure(g.goal) for g in goals.GOALS])
    assert (total, missing) == (0.0, [])


def test_score_averages_an_axis_and_counts_twice_beyond_the_floor():
    found = [figure(g.goal) for g in goals.GOALS]
    order = next(i for i, g in enumerate(goals.GOALS) if g.axis == "order")
    found[order] = figure(0.75)  # a shortfall of 2: 1 to the floor, 1 beyond, twice.
    found[0] = figure(8.0)  # one of eight goals of age, at its floor.
    total, parts, _ = goals.score(found)
    assert parts["order"] == pytest.approx(3.0)
    assert parts["age"] == pytest.approx(1 / 8)
    assert total == pytest.approx(3 + 1 / 8)


def test_a_goal_that_was_not_measured_leaves_no_score():
    found = [figure(g.goal) for g in goals.GOALS]
    found[0] = figure(3.0, 29, "no verdict: 29 of 30 faces")
    total, parts, missing = goals.score(found)
    assert np.isnan(total)
    assert np.isnan(parts["age"])
    assert parts["order"] == 0.0
    assert missing == ["age, to 11-20 from older: no verdict: 29 of 30 faces"]


def report(judges=("J", "K"), people=100):
    """A report whose figures differ by target, direction and judge."""
    interval = lambda value: (value, value, value)  # noqa: E731
    summary = {"face_found": interval(0.96), "people": {}}
    for worse, judge in enumerate(judges):
        summary[f"never_steps_back/{judge}"] = interval(0.9 - worse / 10)
        summary[f"gender_kept/{judge}"] = interval(0.7 + worse / 10)
    for name, value in (("R", 0.5), ("S", 0.6), ("T", 0.1)):
        summary[f"one_away/same_strict/{name}"] = interval(value)
        summary[f"to_oldest/same_strict/{name}"] = interval(value - 0.1)
    summary["people"] = dict.fromkeys(summary, people)

    def row(value):
        row = {f"age_bias/{j}": interval(value - 2 * i) for i, j in enumerate(judges)}
        return {**row, "people": people}

    return {
        "targets": {
            name: {
                "younger": row(-10.0 - i),
                "older": row(20.0 + i),
                "real": {"people": 40},
            }
            for i, name in enumerate(CACD.names)
        },
        "summary": summary,
        "people": people,
        "age_judges": list(judges),
        "thresholds": {"R": {}, "S": {}, "T": {}},
        "kid": {
            "HSE": {
                "targets": {
                    n: {"faces": 35, "aged": (i, 0.1), "copy": (2.0, 0.1)}
                    for i, n in enumerate(CACD.names)
                }
            }
        },
    }


def found_by_name(values, teachers=("T",)):
    found = goals.figures(values, teachers)
    return dict(zip((g.name for g in goals.GOALS), found, strict=True))


def test_the_worse_judge_counts_and_who_taught_does_not():
    found = found_by_name(report())
    # Judge K sees everybody 2 years younger than J does.
    assert found["to 21-30 from younger"] == goals.Figure(13.0, 40, "K")
    assert found["to 41-50 from older"] == goals.Figure(23.0, 40, "J")
    assert found["to 51+ from younger"].value == 16.0
    assert found["judged age never steps back"] == goals.Figure(0.8, 100, "K")
    assert found["gender kept"] == goals.Figure(0.7, 100, "J")
    assert found["same person, one group away"] == goals.Figure(0.5, 100, "R")
    assert found["same person, to 51+"] == goals.Figure(0.4, 100, "R")
    # 0 to 4 instead of 2 for each of five targets.
    assert found["KID of aged faces / KID of copies"] == goals.Figure(1.0, 35, "HSE")
    assert found["a face is found"].value == 0.96


def test_one_age_judge_or_none_left_to_recognise_give_no_verdict():
    found = found_by_name(report(judges=("J",)), teachers=("R", "S", "T"))
    assert "J alone" in found["judged age never steps back"].missing
    assert "J alone" in found["to 51+ from younger"].missing
    assert "teacher" in found["same person, to 51+"].missing
    assert not found["a face is found"].missing


def test_few_people_or_missing_real_faces_give_no_verdict():
    found = found_by_name(report(people=29))
    assert all("29 of 30" in f.missing for n, f in found.items() if "KID" not in n)
    few = report()
    del few["kid"]["HSE"]["targets"]["51+"]
    few["targets"]["51+"]["real"]["people"] = 12
    found = found_by_name(few)
    assert "real faces of 51+" in found["KID of aged faces / KID of copies"].missing
    assert "12 of 30" in found["to 51+ from younger"].missing
    del few["kid"]["HSE"]
    kid = found_by_name(few)["KID of aged faces / KID of copies"]
    assert kid.missing.startswith("not measured")
