"""The faces' own ages in years: given, or predicted by a face network.

The network teaches generators too. The judges of an evaluation are not asked, so that
what they say of the aged faces stays independent.
"""

import functools
from pathlib import Path

import numpy as np

from ipcgan.data import images
from ipcgan.inference import config_values, generation
from ipcgan.inference.mixing import OLDEST, YOUNGEST


class OwnAges:
    """Returns the own ages of faces, [N, S, S, 3] uint8 -> [N] years.

    Args:
        given: the age of all of them, or a tuple of each one's; None: it is predicted.
        folder: of the face network, which is read with the first faces.
        image_size: S.
        batch_size: faces that go through it together.

    Attributes:
        source: what the ages are from: "--source_age", or the network's folder.
    """

    def __init__(
        self,
        given: int | tuple[int, ...] | None,
        folder: str,
        image_size: int,
        batch_size: int,
    ):
        self._given = given
        self._folder = Path(folder)
        self._image_size, self._batch_size = image_size, batch_size
        self.source = "--source_age" if given is not None else self._folder.name

    def __call__(self, faces: np.ndarray) -> np.ndarray:
        """Returns [N] years from YOUNGEST to OLDEST.

        Raises:
            checkpoints.CheckpointError: if the network is missing or unsuitable.
        """
        if self._given is not None:
            return np.array(np.broadcast_to(self._given, len(faces)), float)
        parts = [np.zeros(0)]
        for start in range(0, len(faces), self._batch_size):
            some = images.to_unit_range(faces[start : start + self._batch_size])
            filled = generation.filled_up(some, self._batch_size)
            years = self._network.predict_on_batch(filled)["age_years"]
            parts.append(np.asarray(years, float)[: len(some)])
        return np.concatenate(parts).clip(YOUNGEST, OLDEST)

    @functools.cached_property
    def _network(self):
        config_values.check_predicts_years(str(self._folder))
        from ipcgan import face_networks  # Slow: imports the backend.

        network, _ = face_networks.read(
            self._folder, image_size=self._image_size, kind=""
        )
        return network
