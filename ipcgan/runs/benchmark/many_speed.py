"""Measures how ageing on Ray grows with its actors."""

import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ipcgan import config
from ipcgan.data.records import DataError
from ipcgan.runs.benchmark.start_speed import PHOTO_SHAPE, write_photo
from ipcgan.runs.benchmark.timing import machine
from ipcgan.runs.many import cluster
from ipcgan.runs.many.stores import Store
from ipcgan.runs.many.worker import Job, Worker

_BATCH = 4  # photographs that go to an actor together.


def actors_compared(
    checkpoint_dir: str, engine: str, num_photos: int, rounds: int
) -> list[str]:
    """Ages drawn photographs of about 1 megapixel by one actor and by two, in turn.

    Each actor has one thread.

    Args:
        checkpoint_dir: of the network.
        engine: what computes it.
        num_photos: that are aged each time.
        rounds: how often each is measured; the best counts, as others' work on the
            machine only slows.

    Returns:
        Lines of text: photographs a second, and two actors' share of twice one's.

    Raises:
        DataError: if the two were never at work at the same time.
    """
    lines = [machine()]
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photos"
        source.mkdir()
        for index in range(num_photos):
            write_photo(source / f"{index}.jpg", PHOTO_SHAPE, seed=index)
        for turn in range(rounds):
            for actors in rates:
                target = Path(folder) / f"aged{turn}_{actors}"
                rate = _rate(source, target, checkpoint_dir, engine, actors)
                rates[actors].append(rate)
                lines.append(f"actors {actors}: {rate:.2f} photographs/s")
    one, two = map(max, rates.values())
    lines.append(
        f"best: {one:.2f} by one, {two:.2f} by two, {100 * two / one / 2:.0f} % of "
        "twice one's"
    )
    return lines


def _rate(source, target, checkpoint_dir, engine, actors):
    settings = config.AgeConfig("", "", checkpoint_dir, engine=engine)
    job = Job(
        settings,
        Store("source", str(source)),
        Store("target", str(target)),
        uuid.uuid4().hex,
        threads=1,
    )
    names = sorted(path.name for path in source.iterdir())
    rows = []
    for row in cluster.results(
        Worker, job, names, batch_size=_BATCH, address="", actors=actors, threads=1
    ):
        if row["problem"]:
            raise DataError(row["problem"])
        rows.append(row)
    return rate_together(rows)


def rate_together(rows: Sequence[Mapping[str, Any]]) -> float:
    """Returns how many pictures a second workers did while all of them worked.

    A worker's first batch, which loads the network, does not count; pauses between
    batches do.

    Args:
        rows: of each batch, as Worker returns them.

    Raises:
        DataError: if the workers were never at work at the same time.
    """
    ends: dict[int, list[float]] = {}
    for row in rows:
        ends.setdefault(row["worker"], []).append(row["ended"])
    start, end = max(map(min, ends.values())), min(map(max, ends.values()))
    if start >= end:
        raise DataError("The actors did not work at the same time: more photographs.")
    done = 0.0
    for row in rows:
        inside = min(row["ended"], end) - max(row["began"], start)
        if inside > 0:
            done += row["count"] * inside / (row["ended"] - row["began"])
    return done / (end - start)
