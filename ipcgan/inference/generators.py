"""What a generator makes aged faces of: the faces themselves, or latent vectors.

Both classes have one interface, so that callers need not know which it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ipcgan.inference import generation

if TYPE_CHECKING:
    from ipcgan.inference.inversion import Inverter

FACES, LATENTS = "faces", "latent vectors"  # that generators read.


@dataclasses.dataclass(frozen=True)
class Aged:
    """N faces at G age groups, with reconstructions and own groups.

    Attributes:
        faces: [N, G, S, S, 3] uint8 RGB.
        reconstructions: of each method of inversion [N, S, S, 3] uint8, the source
            faces reconstructed from their latent vectors; empty where there are none.
        source_groups: [N] own age groups by which these were found, else None.
        judged: [N] bool, whose own group the face AlexNet predicted, else None.
    """

    faces: np.ndarray
    reconstructions: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    source_groups: np.ndarray | None = None
    judged: np.ndarray | None = None


class FromFaces:
    """A generator of (face, group).

    Args:
        generator: a keras.Model, or an exported network.
        batch_size: images that go through it together.
    """

    reads = FACES

    def __init__(self, generator: Any, batch_size: int):
        self._generator = generator
        self._batch_size = batch_size

    @property
    def image_size(self) -> int:
        """Side of the faces, in pixels."""
        return self._generator.inputs[0].shape[1]

    @property
    def networks(self) -> dict:
        """All networks that a checkpoint has weights of."""
        return {"generator": self._generator}

    def age(
        self,
        faces: np.ndarray,
        groups: Sequence[int],
        companions: np.ndarray | None,
        source_groups: Sequence[int] | np.ndarray | None,
    ) -> Aged:
        """Ages [N, S, S, 3] uint8 faces; see FaceAger.age. Own groups do not matter."""
        if companions is None:
            made = generation.age_faces(
                self._generator, faces, groups, self._batch_size
            )
            return Aged(made)
        from ipcgan.inference import keras_engine  # Slow: imports the backend.

        return Aged(
            keras_engine.age_in_company(self._generator, faces, groups, companions)
        )


class FromLatents:
    """A generator of (latent vector, group), and what finds the vectors of faces.

    Args:
        inverter: which has the generator.
        batch_size: images that go through it together.
    """

    reads = LATENTS

    def __init__(self, inverter: Inverter, batch_size: int):
        self.inverter = inverter
        self._batch_size = batch_size

    @property
    def image_size(self) -> int:
        """Side of the faces, in pixels."""
        return self.inverter.image_size

    @property
    def networks(self) -> dict:
        """All networks that a checkpoint has weights of."""
        return self.inverter.networks

    def age(
        self,
        faces: np.ndarray,
        groups: Sequence[int],
        companions: np.ndarray | None,
        source_groups: Sequence[int] | np.ndarray | None,
    ) -> Aged:
        """Ages [N, S, S, 3] uint8 faces; see FaceAger.age.

        Raises:
            ValueError: if there are companions.
        """
        if companions is not None:
            raise ValueError("This network takes no faces, and no companions.")
        if not len(faces):
            return Aged(np.zeros((0, len(groups), *faces.shape[1:]), np.uint8))
        found, codes_at = self.inverter(faces, source_groups), self.inverter.codes_at
        generator = self.inverter.generator_of(found.method)
        made = [
            generation.generate(
                generator, codes_at(found, group), [group], self._batch_size
            )
            for group in groups
        ]
        return Aged(
            np.concatenate(made, axis=1),
            self.inverter.reconstruct(found),
            found.groups,
            found.judged,
        )
