"""A checkpoint -> a function that ages faces."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ipcgan import age_groups, checkpoints, config
from ipcgan.data import colourless, images
from ipcgan.inference import config_values, engines, mixing
from ipcgan.inference.generators import Aged, FromFaces, FromLatents
from ipcgan.photos import DLIB_TEMPLATE, alignment

if TYPE_CHECKING:
    import keras

    from ipcgan.inference.inversion import Inversion, Inverter


class FaceAger:
    """Ages faces with a trained generator; any number of threads may call one.

    Attributes:
        image_size: side of the squares that it returns, in pixels.
        group_names: names of the age groups, youngest first.
        template: [5, 2] where the training faces had their landmarks, as shares of the
            side; see photos.alignment.
        engine: what computes the network, and in which precision.
        reads: generators.FACES or LATENTS, what the generator makes faces of.

    Args:
        generator: of (face, group), or of (latent vector, group) with an inverter,
            which finds the vectors of faces.
        judged_years: which years the faces of each group were judged at; None: the
            middles of the groups stand for them.
    """

    def __init__(
        self,
        generator: keras.Model | engines.ExportedGenerator,
        group_names: Sequence[str],
        batch_size: int = 32,
        template: np.ndarray = DLIB_TEMPLATE,
        inverter: Inverter | None = None,
        judged_years: Sequence[float] | None = None,
    ):
        if type(batch_size) is not int or batch_size < 1:
            raise config.ConfigError(
                f"batch_size must be a whole number from 1: {batch_size!r}."
            )
        self.generator = generator
        self._by = (
            FromLatents(inverter, batch_size)
            if inverter
            else FromFaces(generator, batch_size)
        )
        self.group_names = tuple(group_names)
        self.image_size = self._by.image_size
        self.reads = self._by.reads
        self.template = template
        self._judged_years = judged_years
        self.engine = getattr(generator, "engine", "Keras, float32")
        # Keras' networks keep state between calls (how they are compiled, random draws,
        # statistics that companions replace), and one call keeps all cores busy.
        own_threads = isinstance(generator, engines.ExportedGenerator)
        self._turn = contextlib.nullcontext() if own_threads else threading.Lock()

    @property
    def age_groups(self) -> age_groups.AgeGroups:
        """The age groups.

        Raises:
            checkpoints.CheckpointError: if the checkpoint's are not known here.
        """
        groups = age_groups.with_names(self.group_names)
        if groups is None:
            raise checkpoints.CheckpointError(
                f"The checkpoint has age groups of its own: "
                f"{', '.join(self.group_names)}."
            )
        return groups

    @property
    def year_scale(self) -> mixing.YearScale | None:
        """Which years the groups show; None where that is not known."""
        return config_values.year_scale(self.group_names, self._judged_years)

    @classmethod
    def from_checkpoint(
        cls,
        checkpoint_dir: str | Path,
        batch_size: int = 32,
        engine: str = "auto",
        inversion: config.InversionConfig | None = None,
        threads: int = 0,
    ) -> FaceAger:
        """Loads a shipped checkpoint, or the newest one of a run's folder.

        Args:
            checkpoint_dir: holds config.json and a generator's weights, or
                checkpoints named step-00001000.
            batch_size: images that go through the network together.
            engine: one of config.ENGINES; "auto" takes the fastest that is installed
                and that the checkpoint was exported for, else Keras.
            inversion: how latent vectors are found, where the generator takes these;
                None: as by default.
            threads: that an exported network may use; 0: all cores.

        Raises:
            checkpoints.CheckpointError: if there is none, or it does not fit its own
                config.json, or was not exported for the engine.
            config.ConfigError: if there is no such engine, or the batch size is no
                whole number from 1.
        """
        folder = config_values.find(checkpoint_dir)
        path = folder / checkpoints.CONFIG
        values = checkpoints.read_json(path)
        template = config_values.template(values, path)
        names = config_values.group_names(values, path)
        years = config_values.judged_years(values, path, len(names))
        generator, inverter = engines.open_generator(folder, engine, threads), None
        if generator is None:
            from ipcgan.inference import keras_engine  # Slow: imports the backend.

            generator = keras_engine.read_generator(folder, values)
            inverter = keras_engine.read_inverter(
                generator,
                folder,
                values,
                groups=age_groups.with_names(names),
                settings=inversion or config.InversionConfig(),
                batch_size=batch_size,
            )
        return cls(generator, names, batch_size, template, inverter, years)

    def load(self, checkpoint: Path) -> None:
        """Takes the weights of a checkpoint of the same networks; Keras only.

        Raises:
            checkpoints.CheckpointError: if it has none, or they do not fit.
        """
        from ipcgan.inference import keras_engine

        with self._turn:
            keras_engine.load(self._by.networks, checkpoint)

    def require(self, reads: str, problem: str) -> None:
        """Refuses a network of the other kind.

        Args:
            reads: generators.FACES or LATENTS, what the generator must read.
            problem: the message if it does not.

        Raises:
            checkpoints.CheckpointError: if it reads something else.
        """
        if self.reads != reads:
            raise checkpoints.CheckpointError(problem)

    def search(
        self,
        faces: np.ndarray,
        source_groups: Sequence[int] | np.ndarray | None = None,
    ) -> Inversion:
        """Searches the latent vectors of faces, of a generator that reads these.

        Args:
            faces: [N, S, S, 3] uint8 RGB, N at least 1.
            source_groups: as for `age`.

        Raises:
            checkpoints.CheckpointError: if the generator reads faces.
        """
        if not isinstance(self._by, FromLatents):
            raise checkpoints.CheckpointError(
                "This network reads faces, and no latent vectors."
            )
        with self._turn:
            return self._by.inverter(faces, source_groups)

    def __call__(
        self,
        faces: np.ndarray,
        groups: Sequence[int],
        companions: np.ndarray | None = None,
        source_groups: Sequence[int] | np.ndarray | None = None,
    ) -> np.ndarray:
        """Ages every face to every group; see `age`, which returns more.

        Returns:
            [N, len(groups), S, S, 3] uint8 RGB, S = image_size.
        """
        return self.age(faces, groups, companions, source_groups).faces

    def age(
        self,
        faces: np.ndarray,
        groups: Sequence[int],
        companions: np.ndarray | None = None,
        source_groups: Sequence[int] | np.ndarray | None = None,
    ) -> Aged:
        """Ages every face to every group; also returns reconstructions and own groups.

        A face's result depends on that face and group alone, unless there are
        companions. A face without colour gets none.

        Args:
            faces: [N, H, W, 3] uint8 RGB, aligned as the training faces were; other
                sizes are cut to a square and resized. What is plainly a photograph is
                refused: PhotoAger takes those.
            groups: numbers of the age groups, 0 to len(group_names) - 1.
            companions: [M, H, W, 3] uint8 RGB, or None. If given, batch normalization
                takes its statistics from each face and all companions together, as
                the authors' release does (M = 31); for weights that need it.
            source_groups: [N] the faces' own age groups, -1 where unknown; None: of
                all. Only used by a network that takes latent vectors.

        Raises:
            TypeError: if faces are not uint8.
            ValueError: if a shape or group is not as above, or if there are companions
                of a network that takes no faces.
            checkpoints.CheckpointError: if the face AlexNet is needed, and missing.
        """
        faces = self.prepare(faces)
        bad = [g for g in groups if g not in range(len(self.group_names))]
        if bad or not len(groups):
            raise ValueError(
                f"Groups must be from 0 to {len(self.group_names) - 1}, got {groups}."
            )
        if companions is not None:
            companions = self.prepare(companions, "companions")
        with self._turn:
            aged = self._by.age(faces, groups, companions, source_groups)
        pairs = zip(faces, aged.faces, strict=True)
        kept = [colourless.kept(face, made) for face, made in pairs]
        return dataclasses.replace(aged, faces=np.stack(kept)) if kept else aged

    def prepare(self, faces: np.ndarray, name: str = "faces") -> np.ndarray:
        """Returns faces as the network sees them, [N, S, S, 3] uint8; see `age`."""
        faces = np.asarray(faces)
        if faces.dtype != np.uint8:
            raise TypeError(f"{name} must be uint8 (0 to 255), got {faces.dtype}.")
        if faces.ndim != 4 or faces.shape[-1] != 3 or 0 in faces.shape[1:]:
            raise ValueError(f"{name} must be [N, H, W, 3], got {faces.shape}.")
        if not alignment.may_be_crop(faces.shape[1:], self.image_size):
            height, width = faces.shape[1:3]
            raise ValueError(
                f"{name} of {width} x {height} pixels are photographs, not faces that "
                "were cut out: ipcgan.PhotoAger ages photographs."
            )
        if not len(faces):
            return np.zeros((0, self.image_size, self.image_size, 3), np.uint8)
        return np.stack([images.resize(face, self.image_size) for face in faces])
