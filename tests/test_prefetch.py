"""Batches that are made ahead, in threads."""

import threading

import pytest

from ipcgan.data import prefetch
from ipcgan.data.records import DataError


def test_prefetch_begins_at_the_start():
    batches = prefetch.prefetch(lambda step: step * 10, start=7)
    assert [next(batches) for _ in range(20)] == [step * 10 for step in range(7, 27)]
    batches.close()


def test_prefetch_keeps_the_order_when_a_later_batch_is_done_first():
    second_is_done = threading.Event()

    def make_batch(step):
        if step == 0:
            second_is_done.wait(timeout=5)
        if step == 1:
            second_is_done.set()
        return step, second_is_done.is_set()

    batches = prefetch.prefetch(make_batch, start=0)
    assert [next(batches), next(batches)] == [(0, True), (1, True)]
    batches.close()


def test_prefetch_makes_few_batches_ahead():
    made = []

    def make_batch(step):
        made.append(step)
        return step

    batches = prefetch.prefetch(make_batch, start=0)
    next(batches)
    batches.close()
    # Those waiting, the one taken and the one that found no room.
    assert len(made) <= prefetch.AHEAD + 2


def test_prefetch_raises_an_error_at_its_step_and_ends_its_threads():
    before = set(threading.enumerate())

    def make_batch(step):
        if step == 2:
            raise DataError("step 2 failed")
        return step

    batches = prefetch.prefetch(make_batch, start=0)
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(DataError, match="step 2 failed"):
        next(batches)
    with pytest.raises(StopIteration):
        next(batches)
    assert set(threading.enumerate()) <= before


def test_prefetch_ends_its_threads_when_closed():
    before = set(threading.enumerate())
    batches = prefetch.prefetch(lambda step: step, start=0)
    next(batches)
    assert set(threading.enumerate()) - before
    batches.close()
    assert set(threading.enumerate()) <= before
