"""The faces of an evaluation: people, real faces to compare with, aged faces."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from ipcgan.age_groups import AgeGroups
from ipcgan.data.aged_files import AgedFiles
from ipcgan.data.faces import Faces


@dataclasses.dataclass(frozen=True)
class Sample:
    """The people to age, and the faces that aged ones are compared with.

    Attributes:
        title: one line that says where the faces are from.
        sources: the people to age.
        real: real faces of the age groups; their groups are known.
        strangers: of different people as far as known; they set the thresholds.
        groups: age groups that faces are of, and are aged to.
        unreadable: why files were left out.
        notes: what else a reader should know.
        aged: files of faces that were aged earlier; None: they are to be aged.
    """

    title: str
    sources: Faces
    real: Faces
    strangers: Faces
    groups: AgeGroups
    unreadable: list[str]
    notes: list[str]
    aged: AgedFiles | None = None


@dataclasses.dataclass(frozen=True)
class AgedSample:
    """Faces of N people at K targets.

    Attributes:
        faces: [N, K, S, S, 3] uint8.
        made: [N, K] bool, where there is such a face.
        reconstructions: of a network that searches latent vectors, the sources
            reconstructed by each method, [N, S, S, 3] uint8.
        judged: of such a network, [N] bool, whose own age group was predicted; else
            None.
    """

    faces: np.ndarray
    made: np.ndarray
    reconstructions: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    judged: np.ndarray | None = None

    @property
    def notes(self) -> list[str]:
        """What a reader should know about how they were aged."""
        if self.judged is None:
            return []
        return [
            f"Latent vectors were searched with the sources' own age groups: "
            f"{(~self.judged).sum()} known from file names, {self.judged.sum()} "
            "predicted by the face AlexNet's age head."
        ]
