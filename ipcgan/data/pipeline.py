"""Records -> batches: the only randomness of a run.

Batch number `step` is a function of (records, seed, step) and of nothing else, so the
state of the data order that a checkpoint must hold is two numbers, and a resumed run
sees exactly what an uninterrupted one would have seen.
"""

import functools
from collections.abc import Sequence

import numpy as np

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.batch import FaceBatch
from ipcgan.data import images
from ipcgan.data.image_store import ImageStore
from ipcgan.data.prototypes import Prototypes
from ipcgan.data.records import DataError, by_group

LEAST_TO_MATCH = 100  # faces; fewer would be seen too often.


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
        own_group_share: share of the targets that are the face's own group, besides
            those drawn by chance (1 in 5).
        group_years: the batch's target_years for each group, or None.
        with_targets: False leaves the batch's target_image out.
        prototypes: makes the batch's prototype_image; None: none.
        noise_size: Z, numbers of the batch's noise; 0: none.
        flip: mirror half of the faces.
        default_mask: [S, S] from 0 to 1, the batch's source_mask where a face has no
            segmentation; None: of none that has.
        segmentation_share: share of the faces with a segmentation that get it as their
            mask.
        matched: draw target faces of the source's gender and race, as far as there are
            LEAST_TO_MATCH of them; else of the gender alone, else of any.
        share: rows of each batch that are made, where several processes make one batch
            together; None: all. Every process draws for all rows, and reads its own.

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
        prototypes: Prototypes | None = None,
        noise_size: int = 0,
        flip: bool = True,
        default_mask: np.ndarray | None = None,
        segmentation_share: float = 1.0,
        matched: bool = False,
        share: range | None = None,
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
        self.alike = _alike(store.records) if matched else {}
        self.prototypes = prototypes
        self.share = range(batch_size) if share is None else share

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
            self._choose(row, group, self._in_turn(group, int(turns[row])), random)
            for row, group in enumerate(source_group)
        ]
        mine = slice(self.share.start, self.share.stop)
        source = [face for face, _, _ in chosen[mine]]
        target, noise, mask = None, None, None
        if self.with_targets:
            target = self._targets(target_group, chosen, random)
        if self.noise_size:
            noise = random.standard_normal((count, self.noise_size), np.float32)[mine]
        if self.default_mask is not None:
            by_map = random.random(count) < self.segmentation_share
            masks = [
                self._mask(position, flip, by_map[row])
                for row, (_, position, flip) in enumerate(chosen)
                if row in self.share
            ]
            mask = np.stack(masks)[..., None]
        prototype = None
        if self.prototypes:
            records = [self.store.records[p] for _, p, _ in chosen[mine]]
            aged = map(self.prototypes, source, records, target_group[mine])
            prototype = images.to_unit_range(np.stack(list(aged)))
        return FaceBatch(
            source_image=images.to_unit_range(np.stack(source)),
            source_group=source_group[mine].astype(np.int32),
            target_image=None if target is None else images.to_unit_range(target),
            target_group=target_group[mine].astype(np.int32),
            wrong_group=wrong_group[mine].astype(np.int32),
            target_years=(
                None
                if self.group_years is None
                else self.group_years[target_group[mine]]
            ),
            noise=noise,
            source_mask=mask,
            prototype_image=prototype,
        )

    def _targets(self, target_group, chosen, random):
        """Returns [N, S, S, 3] uint8: a real face of each of the share's groups."""
        faces = []
        for row, group in enumerate(target_group):
            candidates = self._by_chance(group, chosen[row][1], random)
            faces.append(self._choose(row, group, candidates, random)[0])
        return np.stack(faces[self.share.start : self.share.stop])

    def _in_turn(self, group, turn):
        """Yields a group's faces from a turn on, in a new order every epoch."""
        positions = self.groups[group]
        for later in range(turn, turn + len(positions)):
            epoch, place = divmod(later, len(positions))
            yield positions[_order(len(positions), self.seed, int(group), epoch)[place]]

    def _by_chance(self, group, source, random):
        positions = self.groups[group]
        if self.alike:
            of_source = self.store.records[source]
            for kind in _kinds(of_source):
                alike = self.alike.get((int(group), *kind), [])
                if len(alike) >= LEAST_TO_MATCH:
                    positions = alike
                    break
        start = int(random.integers(len(positions)))
        yield from positions[start:] + positions[:start]

    def _choose(self, row, group, candidates, random):
        """Returns (a face, its position, whether it is mirrored).

        Faces of another process' rows are taken to be readable, and are not read: None.
        """
        flip = random.random() < 0.5 and self.flip
        # The next face stands in for an unreadable one; the store stops the run long
        # before a whole group is unreadable, unless the group is tiny.
        for position in candidates:
            if row not in self.share:
                return None, position, flip
            face = self.store.face(position)
            if face is not None:
                return face[:, ::-1] if flip else face, position, flip
        raise all_unreadable(self.age_groups, group)

    def _mask(self, position, flip, by_map):
        mask = self.store.mask(position) if by_map else None
        if mask is None:
            return self.default_mask
        mask = mask.astype(np.float32) / 255.0
        return mask[:, ::-1] if flip else mask


def _kinds(record):
    """Yields what a matched face has in common with this one, best match first."""
    if record.gender:
        if record.race:
            yield record.gender, record.race
        yield record.gender, None


def _alike(records):
    """Returns {(group, gender, race or None: any): positions}."""
    result = {}
    for position, record in enumerate(records):
        for kind in _kinds(record):
            result.setdefault((record.group, *kind), []).append(position)
    return result


def all_unreadable(groups, group) -> DataError:
    """Returns the error of an age group of which no face is left to draw."""
    return DataError(f"Every face of age group {groups.names[group]} is unreadable.")


@functools.lru_cache(maxsize=16)
def _order(count, seed, group, epoch):
    return np.random.default_rng((seed, group, epoch)).permutation(count)
