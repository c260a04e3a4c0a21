"""How far a score depends on who happened to be measured."""

import numpy as np
import pytest

from ipcgan.age_groups import CACD
from ipcgan.evaluation import figures, goals, resampling
from ipcgan.report import scores as report_scores

PEOPLE, GROUPS = 200, len(CACD)
SOURCES = np.arange(PEOPLE) % GROUPS
REAL = {judge: [np.full(40, 20.0 + 10 * k) for k in range(GROUPS)] for judge in "JK"}


def perfect():
    """Figures of people who all reach every goal."""
    ages = np.tile([real[0] for real in REAL["J"]], (PEOPLE, 1))
    ones = np.ones((PEOPLE, GROUPS))
    values = {"face_found": ones, "same_strict/R": ones}
    for judge in "JK":
        values |= {f"judged_age/{judge}": ages.copy(), f"gender_kept/{judge}": ones}
    return values


def steps_back(who):
    """`perfect`, but that of some people the age of one target steps back, by a bit."""
    values = perfect()
    for judge in "JK":
        values[f"judged_age/{judge}"][who, 3] = 29.9  # Of the targets that are older.
    return values


def reported(values, error=0.0, ratio=0.5):
    """The report of measured figures, with its score."""
    row = {"faces": 100, "aged": (ratio, error), "copy": (1.0, 0.0)}
    report = {
        "targets": {
            name: {
                who: {
                    **{
                        f"age_bias/{j}": (
                            values[f"judged_age/{j}"][chosen[:, k], k].mean()
                            - REAL[j][k].mean(),
                        )
                        for j in "JK"
                        if chosen[:, k].any()
                    },
                    "people": int(chosen[:, k].sum()),
                }
                for who, chosen in figures.directions(SOURCES, GROUPS).items()
            }
            | {"real": {"people": 40}}
            for k, name in enumerate(CACD.names)
        },
        "summary": figures.summary(values, SOURCES),
        "people": PEOPLE,
        "age_judges": ["J", "K"],
        "thresholds": {"R": {}},
        "kid": {"HSE": {"targets": dict.fromkeys(CACD.names, row)}},
    }
    found = goals.figures(report, ())
    report["score"], report["score_parts"], report["missing"] = goals.score(found)
    return report


def resampled(values, **about):
    return resampling.scores(reported(values, **about), values, SOURCES, REAL)


def test_people_who_are_all_alike_have_one_score():
    values = perfect()
    for judge in "JK":  # 5.5 years off at every target: half way to the floor.
        values[f"judged_age/{judge}"] += 5.5
    drawn = resampled(values, ratio=0.75)
    assert set(drawn) == {1.0}
    assert reported(values, ratio=0.75)["score"] == pytest.approx(1.0)
    assert resampling.interval(drawn) == (1.0, 1.0)


def test_the_score_is_as_uncertain_as_the_share_that_it_is_of():
    # A tenth of the people step back: 0.95 are wanted, and 0.85 are the floor.
    values = steps_back(np.arange(PEOPLE) < PEOPLE // 10)
    drawn = resampled(values)
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.05)
    expected = np.sqrt(0.1 * 0.9 / PEOPLE) / (0.95 - 0.85)
    # 400 samples; what is beyond the floor counts twice, what is above the goal 0.
    assert np.std(drawn) == pytest.approx(expected, rel=0.15)


def test_quality_is_as_uncertain_as_its_standard_errors():
    drawn = resampled(perfect(), ratio=0.75, error=0.1)
    # Five targets' errors are added, and so are their copies' distances.
    expected = 0.1 * np.sqrt(5) / 5 / (1.0 - 0.5)
    assert np.std(drawn) == pytest.approx(expected, rel=0.15)
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.02)


def test_networks_that_aged_the_same_people_are_compared_person_by_person():
    few = np.arange(PEOPLE) % 10 == 0
    more = few | (np.arange(PEOPLE) % 20 == 1)  # the same people, and a few more.
    worse, better = resampled(steps_back(more)), resampled(steps_back(few))
    assert resampling.difference(better, better) == (0.0, 0.0)
    low, high = resampling.difference(worse, better)
    # 5 % more, which are 0.5, and beyond the floor twice.
    assert 0 < low < 0.5 < high
    apart = np.hypot(np.std(worse), np.std(better))
    assert np.std(np.subtract(worse, better)) < apart


def test_without_a_score_there_is_nothing_to_draw_again():
    values = perfect()
    report = reported(values)
    assert resampling.scores({**report, "missing": ["x"]}, values, SOURCES, REAL) == []
    assert np.isnan(resampling.interval([])).all()


def entry(step, score, drawn):
    axes = dict.fromkeys(goals.AXES, 0.0)
    named = {f"{g.axis}: {g.name}": 1.0 for g in goals.GOALS}
    found = {"step": step, "score": score, "parts": axes, "figures": named}
    return {**found, "resampled": drawn} if drawn else found


def test_checkpoints_that_cannot_be_told_from_the_best_are_named():
    spread = np.linspace(-0.2, 0.2, 41)
    entries = [
        entry(1000, 1.0, list(1.0 + spread)),
        entry(2000, 1.1, list(1.1 - spread)),
        entry(3000, 2.0, list(2.0 + spread)),
        entry(4000, 1.05, None),  # of an earlier program.
    ]
    text = report_scores.to_markdown(entries)
    assert "step 1000, 1.00." in text
    assert "holds 0 for step 2000." in text
    assert "1.00 (0.81 to 1.19)" in text
