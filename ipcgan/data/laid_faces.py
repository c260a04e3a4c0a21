"""A training set's faces, laid over each other: what prototypes are fitted to."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from tqdm import tqdm

from ipcgan.age_groups import AgeGroups
from ipcgan.data import bands, face_mesh
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record

FEWEST = 60  # faces of a gender in a group; each counts mirrored as well.
_MOST = 400  # faces of a group, gender, race and collection that are read.
_TEXTURE = 64  # pixels of the sides of a mean, which has no finer detail.
_LIGHT = 12  # pixels of the sides of what shows how a face is lit.
_SIDES = 8  # ways in which the halves of a face differ that are told from age.
_LANDMARK = 3 / 128  # of the side: a move that counts as much as light's deviation.
_BLUR = (8, 4, 3, 2)  # pixels of each band over which contrast is averaged.
_MOST_CONTRAST = 3.0  # factor by which contrast is raised or lowered at most.
_AT_ONCE = 25  # textures, that a cache holds: a fifth of the time of all.
_THREADS = 4


class LaidFaces:
    """A training set's faces, each mirrored too, with their parts where a mean's are.

    Args:
        store: the faces, with labels.
        find_landmarks: [S, S, 3] uint8 -> [68, 2] (x, y) in pixels, in any thread.
        groups: those of the faces; a face of unknown age is as old as its group's
            middle.
        seed: of the choice of faces, where there are more than are read.

    Attributes:
        size: S, pixels of the faces' sides.
        side: T, pixels of the textures' sides.
        groups: those of the faces.
        mesh: of the mean face.
        inner: [T, T, 1], 1 within the mean face, falling to 0.
        landmarks: [N, 68, 2] of the faces as they were, in pixels of S.
        looks: [N, L], how they stand and are lit.
        sides: [L, D], the ways in which light and pose differ from side to side.
        development: [N], as from development().
        sorts: [N, C], 1 where a face is of a gender, race and collection.
        places: {(group, gender): places in N}; of gender None all of a group.

    Raises:
        DataError: if every face of a group is unreadable.
    """

    def __init__(
        self,
        store: ImageStore,
        find_landmarks: Callable[[np.ndarray], np.ndarray],
        groups: AgeGroups,
        seed: int = 0,
    ):
        self.size, self.groups = store.image_size, groups
        self.side = min(_TEXTURE, self.size)
        chosen = _choose(store.records, seed)
        found = _with_landmarks(store, find_landmarks, chosen)
        self.landmarks = np.array(
            [
                each
                for _, points in found
                for each in (points, face_mesh.mirrored(points, self.size))
            ],
            np.float32,
        )
        self.mesh = face_mesh.FaceMesh(self.landmarks.mean(axis=0), self.size)
        self.inner = face_mesh.inside(self.mesh.landmarks, self.size, self.side)
        self._lay(store, [item for item, _ in found])

    def laid(self, face: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """Returns a face [S, S, 3] with its parts where the mean face has them."""
        return face_mesh.bent(face, self.mesh.places(landmarks, self.mesh.landmarks))

    def looks_of(self, laid: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """Returns how a laid face [S, S, 3] is lit and its landmarks stand: [L]."""
        light = bands.resized(laid[..., 1].astype(np.float32), _LIGHT).ravel()
        light = light - light.mean()
        light = light / (light.std() + 8.0)  # Levels: few of light and shade are noise.
        shape = landmarks - self.mesh.landmarks
        shape = (shape - shape.mean(axis=0)) / (_LANDMARK * self.size)
        return np.concatenate([light, shape.ravel()], dtype=np.float32)

    def has_enough(self, group: int, gender: str | None) -> bool:
        """Whether a mean of a group's faces of a gender says something."""
        fewest = 1 if gender is None else 2 * FEWEST
        return len(self.places.get((group, gender), ())) >= fewest

    def age(self, record: Record) -> float:
        """Returns a face's age in years, or the middle of its group; NaN without."""
        if record.age is not None:
            return record.age
        return np.nan if record.group is None else self.groups.middles[record.group]

    def alike(
        self, gender: str | None, looks: np.ndarray, count: int
    ) -> dict[int, np.ndarray]:
        """Returns {group: places} of the `count` faces of a gender most alike."""
        nearest = {}
        for group in range(len(self.groups)):
            if self.has_enough(group, gender):
                places = self.places[group, gender]
                of_group, squares = self._looks_of_group(group, gender)
                distance = squares - 2 * of_group @ looks  # but for a constant.
                if count < len(places):
                    places = places[np.argpartition(distance, count)[:count]]
                nearest[group] = places
        return nearest

    def weighted_textures(self, weights: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Returns weights [W, n] @ textures of n places, as [W, T, T, 3] float32."""
        found = np.zeros((len(weights), self.side**2 * 3), np.float32)
        for start in range(0, len(places), _AT_ONCE):
            some = self._textures[places[start : start + _AT_ONCE]]
            some = some.reshape(len(some), -1).astype(np.float32)
            found += weights[:, start : start + _AT_ONCE] @ some
        return found.reshape(-1, self.side, self.side, 3)

    def mean_face(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the mean texture [T, T, 3] and landmarks [68, 2] of places."""
        weights = np.full((1, len(places)), 1 / len(places), np.float32)
        (texture,) = self.weighted_textures(weights, places)
        return texture, self.landmarks[places].mean(axis=0)

    def contrast_factors(
        self, source: int, target: int, gender: str | None
    ) -> np.ndarray:
        """Returns [S, S, B], what each band of contrast changes by between groups."""
        factors = []
        before, after = self._squares[source, gender], self._squares[target, gender]
        for blur, old, new in zip(_BLUR, before, after, strict=True):
            # Their sums are of as many faces as there are places.
            old = old / len(self.places[source, gender])
            new = new / len(self.places[target, gender])
            old, new = (cv2.GaussianBlur(x, (0, 0), blur) + 1.0 for x in (old, new))
            factor = np.clip(np.sqrt(new / old), 1 / _MOST_CONTRAST, _MOST_CONTRAST)
            factors.append(bands.resized(factor.astype(np.float32), self.size))
        return np.stack(factors, axis=-1)

    def _lay(self, store, items):
        """Lays faces over each other; items as from _choose."""
        count = len(self.landmarks)
        self._textures = np.empty((count, self.side, self.side, 3), np.uint8)
        self.looks = np.empty((count, _LIGHT**2 + 2 * face_mesh.LANDMARKS), np.float32)

        def lay(place):
            face = store.face(items[place // 2][1])
            face = np.ascontiguousarray(face[:, ::-1]) if place % 2 else face
            laid = self.laid(face, self.landmarks[place])
            self._textures[place] = bands.resized(laid, self.side)
            self.looks[place] = self.looks_of(laid, self.landmarks[place])
            luminance, _ = bands.luminance_and_chroma(laid)
            return [band**2 for band in bands.split(luminance[..., 0])[0]]

        places: dict[tuple, list[int]] = {}
        self._squares: dict[tuple, list[np.ndarray]] = {}
        all_squares = _in_threads(lay, range(count), "mean faces")
        for place, squares in enumerate(all_squares):
            (group, (gender, *_)), _ = items[place // 2]
            for each in {gender, None}:
                places.setdefault((group, each), []).append(place)
                sums = self._squares.setdefault((group, each), [0.0] * bands.BANDS)
                sums[:] = [a + b for a, b in zip(sums, squares, strict=True)]
        self.places = {key: np.array(each) for key, each in places.items()}
        ages = [self.age(store.records[position]) for _, position in items]
        self.development = np.array([development(age) for age in ages]).repeat(2)
        sorts = [sort for (_, sort), _ in items]
        of_groups = np.array([group for (group, _), _ in items])
        self.sorts = _columns(sorts, of_groups).repeat(2, axis=0)
        self.sides = _sides_of(self.looks)
        self._looks_of_group = functools.cache(self._find_looks_of_group)

    def _find_looks_of_group(self, group, gender):
        """Returns looks [n, L] of a group's places, side by side, and their squares."""
        looks = self.looks[self.places[group, gender]]
        return looks, np.square(looks).sum(axis=1)


def development(age: float) -> float:
    """Returns how far a face of an age in years has come: faces change most at first.

    0 at 20 years; from then on it rises alike each year.

    Source: Horvath, "DNA methylation age of human tissues and cell types", Genome
    Biology 2013.
    """
    grown = 20.0
    if age <= grown:
        return float(np.log((age + 1.0) / (grown + 1.0)))
    return (age - grown) / (grown + 1.0)


def _with_landmarks(store, find_landmarks, chosen):
    """Returns [(item, landmarks)] of the chosen faces that can be read."""

    def find(item):
        face = store.face(item[1])
        return None if face is None else find_landmarks(face)

    landmarks = _in_threads(find, chosen, "landmarks")
    pairs = zip(chosen, landmarks, strict=True)
    found = [pair for pair in pairs if pair[1] is not None]
    for group in {group for (group, _), _ in chosen}:
        if all(group != known for ((known, _), _), _ in found):
            raise DataError(f"Every face of age group number {group} is unreadable.")
    return found


def _columns(sorts, groups):
    """Returns [N, C]: 1 where a face is of a sort, of those that several groups have.

    What sort a face is says something of its age, where a single group has it.

    Args:
        sorts: of N faces, gender, race and collection.
        groups: [N], their age groups.
    """
    columns = []
    for sort in sorted(set(sorts), key=str):
        of_sort = np.array([each == sort for each in sorts])
        _, counts = np.unique(groups[of_sort], return_counts=True)
        if (counts >= FEWEST).sum() > 1:
            columns.append(of_sort)
    return np.array(columns, float).reshape(len(columns), len(sorts)).T


def _sides_of(looks):
    """Returns [L, D]: the ways in which faces' halves differ most, by light and pose.

    Args:
        looks: [2 N, L], of faces and after each of its mirror image.
    """
    differences = (looks[0::2] - looks[1::2]) / 2
    _, ways = np.linalg.eigh(differences.T @ differences)
    return ways[:, -_SIDES:]


def _in_threads(function: Callable, items: Sequence, what: str) -> Iterator:
    """Yields the results, in order."""
    with ThreadPoolExecutor(_THREADS) as pool:
        results: Iterable = pool.map(function, items)
        yield from tqdm(results, total=len(items), unit="face", desc=what)


def _choose(records, seed):
    """Returns [((group, (gender, race, collection)), position)] of faces to read."""
    sorts: dict[tuple, list[int]] = {}
    for position, record in enumerate(records):
        if record.group is not None:
            sort = record.gender, record.race, record.collection
            sorts.setdefault((record.group, sort), []).append(position)
    random = np.random.default_rng(seed)
    return [
        (key, int(position))
        for key, positions in sorted(sorts.items(), key=str)
        for position in random.permutation(positions)[:_MOST]
    ]
