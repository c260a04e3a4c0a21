"""Shared by the benchmarks: the machine's load, and timed training steps."""

import dataclasses
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ipcgan.age_groups import GROUPINGS
from ipcgan.batch import FaceBatch
from ipcgan.config import TrainConfig
from ipcgan.data import synthetic
from ipcgan.runs.train.begin import Training, begin
from ipcgan.training.phase import Networks, Phase
from ipcgan.training.step import make_update


def machine() -> str:
    """Returns how many cores there are, and how busy they are."""
    load = os.getloadavg()[0]
    return f"{len(os.sched_getaffinity(0))} cores, load {load:.1f} at the start"


def begun_with_drawn_faces(settings: TrainConfig) -> tuple[Training, FaceBatch]:
    """Begins a training run on drawn faces; returns it and its first batch."""
    with tempfile.TemporaryDirectory() as folder:
        synthetic.write_utkface_folder(
            Path(folder),
            faces_per_group=20,
            size=200,
            groups=GROUPINGS[settings.data.age_groups],
        )
        data = dataclasses.replace(settings.data, root_folder=folder)
        parts = begin(dataclasses.replace(settings, data=data))
        return parts, parts.batches(0)


class TimedSteps:
    """Training steps with the same faces in each, of which every phase is timed.

    The first, which compiles, is done at once and not counted.

    Args:
        phases: of a step.
        networks: that the phases need.
        batch: the faces.

    Attributes:
        terms: {phase: {loss term: its value}} of the last step.
    """

    def __init__(self, phases: Sequence[Phase], networks: Networks, batch: FaceBatch):
        self.phases = phases
        self._batch = batch
        self._updates = [make_update(phase, networks) for phase in phases]
        self._seconds: dict[str, list[float]] = {p.name: [] for p in phases}
        self.terms: dict[str, dict[str, float]] = {}
        self.run()
        for seconds in self._seconds.values():
            seconds.clear()

    def run(self) -> None:
        """Does every phase once, and notes how long each takes."""
        batch = self._batch
        for phase, update in zip(self.phases, self._updates, strict=True):
            start = time.perf_counter()
            terms, made = update(batch)
            # Until they are numbers they may still be computed.
            self.terms[phase.name] = {key: float(value) for key, value in terms.items()}
            self._seconds[phase.name].append(time.perf_counter() - start)
            batch = batch._replace(**made)

    def of(self, phase: Phase) -> float:
        """Returns how long a phase takes, in seconds: the median."""
        return float(np.median(self._seconds[phase.name]))

    def seconds(self) -> float:
        """Returns how long a step takes on average."""
        return sum(self.of(phase) / phase.every for phase in self.phases)
