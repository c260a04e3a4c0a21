"""Searches whose ends are known."""

import threading

import numpy as np
import pytest

from ipcgan.inference import minimisation

LIMITS = {"steps": 150, "tolerance": 1e-12, "bound": 100.0}
SEARCHES = {
    "lbfgs": minimisation.lbfgs,
    "adam": lambda function, start, **limits: minimisation.adam(
        function, start, learning_rate=0.1, **limits
    ),
}


def bowls(goals, steepness):
    """Row n goes down to goals[n], steepness[n] times as fast in its last number."""

    def function(points):
        weights = np.ones_like(goals)
        weights[:, -1] = steepness
        away = points - goals
        return (weights * away**2).sum(axis=1), 2 * weights * away

    return function


GOALS = np.array([[1.0, -2.0], [0.5, 0.5], [-3.0, 2.0]], np.float32)


@pytest.mark.parametrize("name", SEARCHES)
def test_every_row_finds_its_own_minimum(name):
    function = bowls(GOALS, np.array([1.0, 5.0, 2.0]))
    found = SEARCHES[name](function, np.zeros((3, 2), np.float32), **LIMITS)
    np.testing.assert_allclose(found.points, GOALS, atol=2e-2)
    np.testing.assert_allclose(found.values, function(found.points)[0], rtol=1e-5)
    for trace, value in zip(found.traces, found.values, strict=True):
        assert value == min(trace)
        assert trace[0] > value


def rosenbrock(points):
    """The valley of Rosenbrock, whose minimum is 0 at (1, 1), for every row."""
    x, y = points[:, 0].astype(float), points[:, 1].astype(float)
    values = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    by_x = -2 * (1 - x) - 400 * x * (y - x**2)
    return values, np.stack([by_x, 200 * (y - x**2)], axis=1)


def test_lbfgs_never_rises_and_ends_in_the_valley():
    start = np.array([[-1.2, 1.0], [0.0, 0.0], [2.0, -1.0]], np.float32)
    found = minimisation.lbfgs(rosenbrock, start, **LIMITS)
    np.testing.assert_allclose(found.points, 1.0, atol=2e-3)
    for trace in found.traces:
        assert (np.diff(trace) <= 0).all()
    np.testing.assert_allclose([t[0] for t in found.traces], rosenbrock(start)[0])


def test_a_rows_search_does_not_depend_on_the_others():
    start = np.array([[-1.2, 1.0], [0.0, 0.0], [2.0, -1.0]], np.float32)
    together = minimisation.lbfgs(rosenbrock, start, **LIMITS)
    alone = minimisation.lbfgs(rosenbrock, start[1:2], **LIMITS)
    np.testing.assert_array_equal(alone.points[0], together.points[1])
    assert alone.traces[0] == together.traces[1]


@pytest.mark.parametrize("name", SEARCHES)
def test_points_stay_within_the_bound(name):
    limits = {**LIMITS, "bound": 1.5}
    start = np.full((3, 2), 9.0, np.float32)
    found = SEARCHES[name](bowls(GOALS, np.ones(3)), start, **limits)
    np.testing.assert_allclose(found.points, np.clip(GOALS, -1.5, 1.5), atol=2e-2)


@pytest.mark.parametrize("name", SEARCHES)
def test_steps_end_a_search(name):
    asked = []

    def counted(points):
        asked.append(points)
        return rosenbrock(points)

    limits = {**LIMITS, "steps": 12}
    found = SEARCHES[name](counted, np.array([[-1.2, 1.0]], np.float32), **limits)
    assert 13 <= len(asked) <= 15  # the start, twelve steps, a line search's last.
    assert len(found.traces[0]) <= len(asked)


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_ends_where_it_gets_nowhere(name):
    limits = {**LIMITS, "steps": 5000, "tolerance": 0.1}
    found = SEARCHES[name](rosenbrock, np.array([[-1.2, 1.0]], np.float32), **limits)
    assert len(found.traces[0]) < 200


def test_an_error_ends_all_searches():
    before = threading.active_count()

    def broken(points):
        raise ArithmeticError("no network")

    with pytest.raises(ArithmeticError, match="no network"):
        minimisation.lbfgs(broken, np.zeros((4, 2), np.float32), **LIMITS)
    assert threading.active_count() == before
