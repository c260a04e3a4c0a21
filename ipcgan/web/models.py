"""The networks that the server uses, loaded in the background while it starts."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import checkpoints
from ipcgan.config import ConfigError
from ipcgan.inference.generators import FACES
from ipcgan.photos import Face, FaceFinder, MissingWeightsError
from ipcgan.runs.age.photo_ager import AgedPhotograph, PhotoAger
from ipcgan.web.answers import Refused
from ipcgan.web.judging import Judge

CHECKPOINTS = ("checkpoints/ipcgan_128", "checkpoints/ragan_128")
OLDEST = 80  # years that the page asks for: beyond, nothing changes any more.


@dataclasses.dataclass(frozen=True, eq=False)
class Family:
    """A network that ages faces.

    Attributes:
        name: of its family, such as "ipcgan"; of a second one its folder's.
        youngest, oldest: years that it can be asked for.
        ager: which ages by it.
    """

    name: str
    youngest: int
    oldest: int
    ager: PhotoAger

    def checked(self, years: int | None) -> int:
        """Returns years; raises Refused if the network is not asked for them."""
        if years is None or not self.youngest <= years <= self.oldest:
            detail = f"from {self.youngest} to {self.oldest} years"
            raise Refused("unsupported", detail)
        return years

    def age(
        self,
        photo: np.ndarray,
        ages: Sequence[int | str],
        faces: Sequence[Face],
        own: Sequence[int] | None = None,
    ) -> AgedPhotograph:
        """Ages faces of a photograph; see PhotoAger."""
        return self.ager(photo, ages, faces=faces, source_age=own)


class Models:
    """What finds, ages and judges faces; `load` makes it usable.

    Args:
        folders: of the checkpoints to offer.
        engine: one of config.ENGINES.

    Attributes:
        finder: of faces.
        judge: None: there is none here.
        families: that can be used here, in the order of `folders`.
        loading: what is being loaded: "finder", "judge" or a checkpoint folder's name.
        share: of the loading that is done, 0 to 1.
        problem: why nothing can be aged, once that is known; else "".
    """

    def __init__(self, folders: Sequence[str] = CHECKPOINTS, engine: str = "auto"):
        self._folders, self._engine = tuple(folders), engine
        self._ready, self._stopped = threading.Event(), threading.Event()
        self.finder: Callable[[np.ndarray], list[Face]] = _not_yet
        self.judge: Judge | None = None
        self.families: list[Family] = []
        self.loading, self.share, self.problem = "", 0.0, ""

    @property
    def ready(self) -> bool:
        """Whether everything is loaded."""
        return self._ready.is_set()

    def wait(self, seconds: float) -> bool:
        """Waits until everything is loaded, or that long; returns `ready`."""
        return self._ready.wait(seconds)

    def family(self, name: str) -> Family:
        """Returns a family; raises Refused if there is none of that name."""
        for family in self.families:
            if family.name == name:
                return family
        raise Refused("unsupported", "there is no such family")

    def load(self) -> None:
        """Loads everything; what cannot be used is left out, with a warning."""
        try:
            self._load()
        except _StoppedError:
            self.problem = "stopped"
        except Exception as error:  # In a thread nobody else would hear of it.
            logging.exception("The networks cannot be loaded.")
            self.problem = str(error) or type(error).__name__
        finally:
            self.share = 1.0
            self._ready.set()

    def _load(self):
        steps = len(self._folders) + 2
        self._begin("finder", 0.0)
        self.finder = FaceFinder()
        self._begin("judge", 1 / steps)
        try:
            self.judge = Judge()
        except MissingWeightsError as error:
            logging.warning("Faces are not judged: %s", error)
        problems = []
        for step, folder in enumerate(self._folders, 2):
            self._begin(Path(folder).name, step / steps)
            try:
                self.families.append(self._opened(folder))
            except (checkpoints.CheckpointError, ConfigError) as error:
                problems.append(str(error))
            except ModuleNotFoundError as error:  # Keras, and the network no export.
                problems.append(f"{folder}: needs {error.name}, or its export")
        for problem in problems:
            logging.warning("Left out: %s", problem)
        if not self.families:
            self.problem = "; ".join(problems)

    def stop(self) -> None:
        """Ends `load`, in another thread, after what it is loading."""
        self._stopped.set()

    def _begin(self, name, share):
        if self._stopped.is_set():
            raise _StoppedError
        self.loading, self.share = name, share

    def _opened(self, folder):
        ager = PhotoAger(folder, engine=self._engine)
        scale = ager.ager.year_scale
        if scale is None:
            raise checkpoints.CheckpointError(f"{folder}: ages to no known years.")
        if ager.ager.reads != FACES:
            raise checkpoints.CheckpointError(f"{folder}: too slow for a page.")
        name = checkpoints.resolve(folder).name
        kind = name.split("_")[0]
        taken = any(family.name == kind for family in self.families)
        size = ager.ager.image_size
        # The first call takes longer: nobody shall wait for that.
        ager.ager(np.zeros((1, size, size, 3), np.uint8), (0,))
        return Family(name if taken else kind, scale.youngest, OLDEST, ager)


class _StoppedError(Exception):
    """Nobody needs the networks any more."""


def _not_yet(photo):
    raise Refused("busy", "the networks are being loaded")
