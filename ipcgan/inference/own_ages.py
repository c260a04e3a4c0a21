"""The faces' own ages in years: given, or predicted by a face network.

The network teaches generators too. The judges of an evaluation are not asked, so that
what they say of the aged faces stays independent.
"""

import functools
import importlib.util
from pathlib import Path

import numpy as np

from ipcgan import checkpoints
from ipcgan.data import images
from ipcgan.inference import generation
from ipcgan.inference.mixing import OLDEST, YOUNGEST


class OwnAges:
    """Returns the own ages of faces, [N, S, S, 3] uint8 -> [N] years.

    Args:
        given: the age of all of them; None: it is predicted.
        folder: of the face network, which is read with the first faces.
        image_size: S.
        batch_size: faces that go through it together.

    Attributes:
        source: what the ages are from: "--source_age", or the network's folder.
    """

    def __init__(
        self, given: int | None, folder: str, image_size: int, batch_size: int
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
            return np.full(len(faces), float(self._given))
        parts = [np.zeros(0)]
        for start in range(0, len(faces), self._batch_size):
            some = images.to_unit_range(faces[start : start + self._batch_size])
            filled = generation.filled_up(some, self._batch_size)
            years = self._network.predict_on_batch(filled)["age_years"]
            parts.append(np.asarray(years, float)[: len(some)])
        return np.concatenate(parts).clip(YOUNGEST, OLDEST)

    @functools.cached_property
    def _network(self):
        check(str(self._folder))
        from ipcgan import face_networks  # Slow: imports the backend.

        network, _ = face_networks.read(
            self._folder, image_size=self._image_size, kind=""
        )
        return network


def check(folder: str) -> None:
    """Looks, without loading it, whether a face network can predict own ages here.

    Raises:
        checkpoints.CheckpointError: if it cannot: it or Keras is missing, or it has not
            learnt to predict years.
    """
    path = Path(folder) / checkpoints.CONFIG
    otherwise = "or say how old the faces are: --source_age=40."
    if importlib.util.find_spec("keras") is None:
        raise checkpoints.CheckpointError(
            f"{folder}: predicts the faces' own ages, which years such as +20 are "
            f"counted from, by Keras, which is not installed: pip install keras "
            f"tensorflow, {otherwise}"
        )
    if not path.is_file():
        raise checkpoints.CheckpointError(
            f"--age_pretrained_model={folder}: no pretrained face network. It predicts "
            f"the faces' own ages, which years such as +20 are counted from; name one, "
            f"{otherwise}"
        )
    sizes = checkpoints.read_json(path).get("sizes")
    if not isinstance(sizes, dict) or not sizes.get("reads_years"):
        raise checkpoints.CheckpointError(
            f"--age_pretrained_model={folder}: has not learnt to predict years, which "
            f"years such as +20 are counted from; name one that was pretrained with "
            f"--task=years, {otherwise}"
        )
