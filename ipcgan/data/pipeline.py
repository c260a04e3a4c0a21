"""Records -> batches: the only randomness of a run.

Batch number `step` is a function of (records, seed, step) and of nothing else, so the
state of the data order that a checkpoint must hold is two numbers, and a resumed run
sees exactly what an uninterrupted one would have seen.
"""

import functools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.batch import FaceBatch, LabelledBatch
from ipcgan.data import augment, images
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import GENDERS, DataError, by_group

THREADS = 4
ATTACK_RISE_STEPS = 500
AHEAD = 4  # batches that are made before they are asked for.


class FaceBatches:
    """Draws batches for the ageing networks; call it with a step.

    Source faces take turns through the groups, and within a group through all its
    faces in a new random order each time, so that every group counts alike and no
    face is left out. Targets are drawn evenly over all groups, older and younger.

    Args:
        store: the faces.
        batch_size: faces per batch.
        seed: of all draws.
        groups: those of the faces.
        own_group_share: of the targets that are the face's own group, beside those
            drawn by chance (1 in 5).
        group_years: the batch's target_years for each group, or None.
        with_targets: False leaves the batch's target_image out.
        noise_size: Z, numbers of the batch's noise; 0: none.
        flip: mirror half of the faces.
        default_mask: [S, S] from 0 to 1, the batch's source_mask where a face has no
            segmentation; None: of none that has.
        segmentation_share: of the faces with a segmentation, how many are given that
            instead.

    Raises:
        DataError: if a group has no face.
    """

    def __init__(
        self,
        store: ImageStore,
        batch_size: int,
        seed: int,
        groups: AgeGroups = CACD,
        *,
        own_group_share: float = 0.0,
        group_years: Sequence[float] | None = None,
        with_targets: bool = True,
        noise_size: int = 0,
        flip: bool = True,
        default_mask: np.ndarray | None = None,
        segmentation_share: float = 1.0,
    ):
        self.store = store
        self.batch_size = batch_size
        self.seed = seed
        self.own_group_share = own_group_share
        self.with_targets = with_targets
        self.noise_size = noise_size
        self.flip = flip
        # No masks at all where every one would be the default.
        segmented = any(r.segmentation is not None for r in store.records)
        self.default_mask = default_mask if segmented else None
        self.segmentation_share = segmentation_share
        self.group_years = (
            None if group_years is None else np.array(group_years, np.float32)
        )
        self.age_groups = groups
        self.groups = by_group(store.records, groups)

    def __call__(self, step: int) -> FaceBatch:
        """Makes the batch of a step, counted from 0."""
        random = np.random.default_rng((self.seed, step))
        count, num_groups = self.batch_size, len(self.groups)
        source_group = (step * count + np.arange(count)) % num_groups
        target_group = random.integers(num_groups, size=count)
        own = random.random(count) < self.own_group_share
        target_group = np.where(own, source_group, target_group)
        wrong_group = (
            target_group + random.integers(1, num_groups, count)
        ) % num_groups

        turns = (step * count + np.arange(count)) // num_groups
        chosen = [
            self._choose(group, self._in_turn(group, int(turn)), random)
            for group, turn in zip(source_group, turns, strict=True)
        ]
        source = [face for face, _, _ in chosen]
        target, noise, mask = None, None, None
        if self.with_targets:
            target = [
                self._choose(group, self._by_chance(group, random), random)[0]
                for group in target_group
            ]
        if self.noise_size:
            noise = random.standard_normal((count, self.noise_size), np.float32)
        if self.default_mask is not None:
            masks = [self._mask(*which, random) for _, *which in chosen]
            mask = np.stack(masks)[..., None]
        return FaceBatch(
            source_image=images.to_unit_range(np.stack(source)),
            source_group=source_group.astype(np.int32),
            target_image=(
                None if target is None else images.to_unit_range(np.stack(target))
            ),
            target_group=target_group.astype(np.int32),
            wrong_group=wrong_group.astype(np.int32),
            target_years=(
                None if self.group_years is None else self.group_years[target_group]
            ),
            noise=noise,
            source_mask=mask,
        )

    def _in_turn(self, group, turn):
        """Yields a group's faces from a turn on, in a new order every epoch."""
        positions = self.groups[group]
        for later in range(turn, turn + len(positions)):
            epoch, place = divmod(later, len(positions))
            yield positions[_order(len(positions), self.seed, int(group), epoch)[place]]

    def _by_chance(self, group, random):
        positions = self.groups[group]
        start = int(random.integers(len(positions)))
        yield from positions[start:] + positions[:start]

    def _choose(self, group, candidates, random):
        """Returns (a face, its position, whether it is mirrored)."""
        flip = random.random() < 0.5 and self.flip
        # The next face stands in for an unreadable one; the store stops the run long
        # before a whole group is unreadable, unless the group is tiny.
        for position in candidates:
            face = self.store.face(position)
            if face is not None:
                return face[:, ::-1] if flip else face, position, flip
        raise _all_unreadable(self.age_groups, group)

    def _mask(self, position, flip, random):
        by_map = random.random() < self.segmentation_share
        mask = self.store.mask(position) if by_map else None
        if mask is None:
            return self.default_mask
        mask = mask.astype(np.float32) / 255.0
        return mask[:, ::-1] if flip else mask


def _all_unreadable(groups, group):
    return DataError(f"Every face of age group {groups.names[group]} is unreadable.")


@functools.lru_cache(maxsize=16)
def _order(count, seed, group, epoch):
    return np.random.default_rng((seed, group, epoch)).permutation(count)


class LabelledBatches:
    """Draws batches to pretrain a face network; call it with a step.

    Groups take turns, faces are augmented so that only age and person tell.

    Args:
        store: the faces.
        batch_size: faces per batch.
        seed: of all draws.
        person: [number of records] int, or None where nobody is named.
        descriptor: [number of records, D] float, or None.
        attack_radius: the largest; each face draws its own from 0 on, so that the
            network stays good at faces as they are. It grows to that from a third in
            the first ATTACK_RISE_STEPS: from far away nothing would be learnt. 0: no
            attack.
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
        faces, chosen = [], []
        while len(faces) < self.batch_size - self.num_aged:
            group = (step * self.batch_size + len(faces)) % len(self.groups)
            position = int(random.choice(self.groups[group]))
            face = self.store.face(position)
            if face is not None:
                faces.append(augment.age_preserving(face, random))
                chosen.append(position)
            elif self.store.unreadable.keys() >= set(self.groups[group]):
                raise _all_unreadable(CACD, group)
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
                faces.append(augment.age_preserving(face, random))
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


def prefetch(make_batch: Callable, start: int) -> Iterator:
    """Yields make_batch(start), make_batch(start + 1), ... made ahead by threads.

    Close the iterator to end the threads. An error in make_batch is raised at the
    step that it belongs to.
    """
    results = queue.Queue(AHEAD)
    stopped = threading.Event()
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="batches")

    def feed():
        step = start
        while not stopped.is_set():
            future = pool.submit(make_batch, step)
            while not stopped.is_set():
                try:
                    results.put(future, timeout=0.1)
                    break
                except queue.Full:
                    continue
            step += 1

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        while True:
            yield results.get().result()
    finally:
        stopped.set()
        feeder.join()
        pool.shutdown(cancel_futures=True)
