"""What one actor does: it ages batches of pictures by an engine of its own."""

import dataclasses
import functools
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ipcgan import config
from ipcgan.runs import cli
from ipcgan.runs.many.reports import AGED, LEFT_OUT, Reports
from ipcgan.runs.many.stores import ERRORS, Store

_DEATHS = 3  # of workers at one batch, after which it is left out.


@dataclasses.dataclass(frozen=True)
class Job:
    """What all actors of a run know.

    Attributes:
        settings: how faces are aged; from where, and where to, does not count.
        source: the folder of the pictures.
        target: the folder to write to.
        run: its name; see Reports.
        threads: that each actor may use.
    """

    settings: config.AgeConfig
    source: Store
    target: Store
    run: str
    threads: int


class Worker:
    """Ages batches of pictures; the engine is loaded once, with the first.

    A batch's outputs are renamed into place one by one, then its report: a batch that
    a killed worker had begun is done again from its start, with the same results.

    Args:
        job: of the run.
    """

    def __init__(self, job: Job):
        self._job = job
        self._reports = Reports(job.target, job.run)

    def __call__(self, batch: Mapping[str, Sequence[str]]) -> dict[str, list]:
        """Ages the pictures of a batch.

        Args:
            batch: their "name"s below the folder.

        Returns:
            One row, of lists of one: the "count" of pictures; the "problem" for which
            the run cannot go on, else ""; the "worker", and when it "began" and
            "ended", in seconds.
        """
        names = [str(name) for name in batch["name"]]
        began, problem = time.time(), ""
        try:
            if not self._reports.has(names):
                self._do(names)
        except cli.expected() as error:
            problem = str(error)
        row = {"count": len(names), "problem": problem, "worker": os.getpid()}
        return {k: [v] for k, v in row.items()} | {
            "began": [began],
            "ended": [time.time()],
        }

    @functools.cached_property
    def _loaded(self):
        threads = self._job.threads
        # Read when the libraries are loaded, which is now.
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
        os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
        import cv2

        from ipcgan.runs.age import age_folder  # Slow: it imports OpenCV.

        cv2.setNumThreads(threads)
        return age_folder.Loaded(self._job.settings, threads)

    def _do(self, names):
        if self._reports.begin(names) < _DEATHS:
            self._age(names)
            return
        reason = f"{_DEATHS} workers died while they aged a batch with it"
        self._reports.write(names, left_out_rows(dict.fromkeys(names, reason)))

    def _age(self, names):
        loaded = self._loaded
        from ipcgan.runs.age import age_folder

        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "aged")
            source = self._job.source.local or Path(folder, "pictures")
            lost = {} if self._job.source.local else self._fetch(names, source)
            paths = [source / name for name in names if name not in lost]
            settings = dataclasses.replace(
                self._job.settings, test_data_dir=str(source), save_dir=str(target)
            )
            source.mkdir(parents=True, exist_ok=True)
            run = age_folder.FilesRun(loaded, settings, paths)
            with self._pool() as pool:
                run.age_with(paths, pool, lambda count: None)
            report = run.report.values()
            for entry in report["aged"].values():
                for name in entry["written"]:
                    self._job.target.put(target / name, name)
        aged = [
            {"name": name, "status": AGED, "engine": report["engine"], **entry}
            for name, entry in report["aged"].items()
        ]
        self._reports.write(names, aged + left_out_rows(report["left_out"] | lost))

    def _fetch(self, names, folder):
        """Copies pictures to this machine; returns why some could not be."""
        lost = {}
        for name in names:
            try:
                self._job.source.fetch(name, folder / name)
            except ERRORS as error:
                lost[name] = f"cannot be read: {' '.join(str(error).split())}"
        return lost

    def _pool(self) -> Executor:
        """What reads and writes: with one thread nothing overlaps."""
        threads = self._job.threads
        return ThreadPoolExecutor(threads) if threads > 1 else _AtOnce()


class _AtOnce(Executor):
    """Does what it is given in the caller's thread."""

    def submit(self, function, /, *arguments, **named):
        done: Future = Future()
        done.set_result(function(*arguments, **named))
        return done


def left_out_rows(reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """Returns rows of reports.SCHEMA; `reasons` are by name."""
    return [
        {"name": name, "status": LEFT_OUT, "reason": reason}
        for name, reason in reasons.items()
    ]
