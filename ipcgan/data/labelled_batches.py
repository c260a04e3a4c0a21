"""Labelled faces -> batches to pretrain a face network.

As in data.pipeline, a batch is a function of (records, seed, step) and of nothing else.
"""

from collections.abc import Sequence

import numpy as np

from ipcgan.age_groups import CACD
from ipcgan.batch import LabelledBatch
from ipcgan.data import augmentation, images
from ipcgan.data.image_store import ImageStore
from ipcgan.data.pipeline import all_unreadable
from ipcgan.data.records import GENDERS, by_group

ATTACK_RISE_STEPS = 500


class LabelledBatches:
    """Draws batches to pretrain a face network; call it with a step.

    Groups take turns, and faces are augmented so that age and person are the only cues.

    Args:
        store: the faces.
        batch_size: faces per batch.
        seed: of all draws.
        person: [number of records] int, or None where people are not named.
        descriptor: [number of records, D] float, or None.
        attack_radius: the largest; each face draws its own from 0 on, so that the
            network stays good at faces as they are. It grows to that from a third in
            the first ATTACK_RISE_STEPS: at full strength from the start nothing would
            be learnt. 0: no attack.
        aged: faces that a generator has aged, of which only the descriptor is known,
            or None. They are the last of each batch.
        aged_descriptor: [number of their records, D] float, or None.
        aged_share: of each batch.

    Raises:
        DataError: if a group has no face.
    """

    def __init__(
        self,
        store: ImageStore,
        batch_size: int,
        seed: int,
        *,
        person: Sequence[int] | None = None,
        descriptor: np.ndarray | None = None,
        attack_radius: float = 0.0,
        aged: ImageStore | None = None,
        aged_descriptor: np.ndarray | None = None,
        aged_share: float = 0.0,
    ):
        self.store = store
        self.batch_size = batch_size
        self.seed = seed
        self.person = None if person is None else np.asarray(person, np.int32)
        self.descriptor = descriptor
        self.attack_radius = attack_radius
        self.groups = by_group(store.records)
        ages = [record.age for record in store.records]
        self.years = None if None in ages else np.array(ages, np.float32)
        genders = [record.gender for record in store.records]
        self.gender = (
            None
            if None in genders
            else np.array([GENDERS.index(gender) for gender in genders], np.int32)
        )
        self.aged = aged
        self.aged_descriptor = aged_descriptor
        self.num_aged = round(aged_share * batch_size) if aged else 0

    def __call__(self, step: int) -> LabelledBatch:
        """Makes the batch of a step, counted from 0."""
        random = np.random.default_rng((self.seed, step))
        faces: list[np.ndarray] = []
        chosen: list[int] = []
        while len(faces) < self.batch_size - self.num_aged:
            group = (step * self.batch_size + len(faces)) % len(self.groups)
            position = int(random.choice(self.groups[group]))
            face = self.store.face(position)
            if face is not None:
                faces.append(augmentation.age_preserving(face, random))
                chosen.append(position)
            elif self.store.unreadable.keys() >= set(self.groups[group]):
                raise all_unreadable(CACD, group)
        radius = None
        if self.attack_radius:
            rise = min(1.0, (1.0 + 2.0 * step / ATTACK_RISE_STEPS) / 3.0)
            radius = random.random(self.batch_size) * rise * self.attack_radius
        batch = LabelledBatch(
            image=None,
            group=np.array([self.store.records[p].group for p in chosen], np.int32),
            person=None if self.person is None else self.person[chosen],
            descriptor=None if self.descriptor is None else self.descriptor[chosen],
            years=None if self.years is None else self.years[chosen],
            gender=None if self.gender is None else self.gender[chosen],
            attack_radius=None if radius is None else radius.astype(np.float32),
        )
        if self.num_aged:
            batch = self._with_aged(batch, faces, random)
        return batch._replace(image=images.to_unit_range(np.stack(faces)))

    def _with_aged(self, batch, faces, random):
        """Returns the batch with aged faces, which go to the end of `faces` too."""
        labels = batch._asdict()
        known = len(faces)
        chosen = []
        while len(faces) < self.batch_size:
            position = int(random.integers(len(self.aged.records)))
            face = self.aged.face(position)
            if face is not None:
                faces.append(augmentation.age_preserving(face, random))
                chosen.append(position)
        # The labels that they lack are 0, and do not count.
        for name in ("group", "person", "years", "gender"):
            if labels[name] is not None:
                labels[name] = np.pad(labels[name], (0, len(chosen)))
        labels["descriptor"] = np.concatenate(
            [batch.descriptor, self.aged_descriptor[chosen]]
        )
        labels["labelled"] = (np.arange(len(faces)) < known).astype(np.float32)
        return LabelledBatch(**labels)
