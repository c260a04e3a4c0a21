"""Who is evaluated: the people, whom they are compared with, and their aged faces."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from ipcgan.age_groups import AgeGroups
from ipcgan.data.aged_files import AgedFiles
from ipcgan.data.faces import Faces


@dataclasses.dataclass(frozen=True)
class Sample:
    """Who is aged, and whom the aged are compared with.

    Attributes:
        title: one line that says where the faces are from.
        sources: the people to age.
        real: real faces of the age groups; their groups are known.
        strangers: of different people as far as known; they set the thresholds.
        groups: age groups that faces are of, and are aged to.
        unreadable: why files were left out.
        notes: what else a reader should know.
        aged: of people that somebody else has aged, their files; None: to be aged.
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
        reconstructions: of a network that searches latent vectors, of each method the
            sources as they are made of their own vectors, [N, S, S, 3] uint8.
        judged: of such a network, [N] bool, whose own age group was judged; else None.
    """

    faces: np.ndarray
    made: np.ndarray
    reconstructions: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    judged: np.ndarray | None = None

    @property
    def notes(self) -> list[str]:
        """What a reader should know of how they were aged."""
        if self.judged is None:
            return []
        return [
            f"Latent vectors were searched by the sources' own age groups: "
            f"{(~self.judged).sum()} told by their names, {self.judged.sum()} judged "
            "by the face AlexNet's age head."
        ]
