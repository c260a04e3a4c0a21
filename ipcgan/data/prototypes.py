"""Ageing by prototypes: how the mean face, its shape and its contrast grow older.

Of the faces of one kind that stand and are lit alike, laid over each other landmark by
landmark, a straight line is fitted to every pixel over age: how faces of the kind grow
older. So many years of it, added to a face that is bent as their shapes change, and
with its contrast raised or lowered as the groups' contrasts differ, age the face
without any network. A line, because means of single groups differ by the chance of
their faces as well, which judges take for another person.

A group's pictures also share a colour cast, by when and where they were taken. It is
left out, and a face gets as much of the other colours as it has colour itself: none, in
a black and white photograph.

Sources: Burt and Perrett, "Perception of age in adult Caucasian male faces", Proc. R.
Soc. B 1995, for means of shape and colour; Hutton, Buxton, Hammond, Potts, "Estimating
average growth trajectories in shape-space using kernel smoothing", IEEE TMI 2003, for
regression on age; Tiddeman, Burt, Perrett, "Prototyping and transforming facial
textures for perception research", IEEE CG&A 2001, for the contrast;
Kemelmacher-Shlizerman, Suwajanakorn, Seitz, "Illumination-aware age progression", CVPR
2014, for means of faces that are lit alike.
"""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from tqdm import tqdm

from ipcgan.age_groups import AgeGroups
from ipcgan.data import face_mesh
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record

ALIKE = 150  # faces of each group that a line is fitted to.
FEWEST = 60  # faces of a gender in either group; each counts mirrored as well.
_MOST = 400  # faces of a group, gender, race and collection that are read.
_TEXTURE = 64  # pixels of the sides of a mean, which has no finer detail.
_LIGHT = 12  # pixels of the sides of what shows how a face is lit.
_SIDES = 8  # ways in which the halves of a face differ that are told from age.
_LANDMARK = 3 / 128  # of the side: a move that counts as much as light's deviation.
_SHAPE = 0.5  # how often shapes change, where colours do once.
_GENDER = 0.5  # how much of the other gender's colours is left out; of its shape, all.
_BANDS = 4  # of the contrast, each of half the size of the one before.
_BLUR = (8, 4, 3, 2)  # pixels of each band over which contrast is averaged.
_MOST_CONTRAST = 3.0  # factor by which contrast is raised or lowered at most.
_OTHER_GENDER = {"male": "female", "female": "male"}
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # of RGB; ITU-R BT.601.
_AT_ONCE = 25  # textures, that a cache holds: a fifth of the time of all.
_THREADS = 4


class Prototypes:
    """Ages faces by how a training set's faces grow older; any thread may call it.

    Lines are fitted to the ALIKE faces of each group, mirrored or not, that stand and
    are lit most as the face does, of its gender, where that is labelled and the groups
    that it is aged from and to have FEWEST such faces. Race and collection, as far as
    they are known, light from a side, and heads that are turned are fitted beside age:
    a network that learns it cannot tell a collection. What would make a face one of the
    other gender is left out.

    Args:
        store: the faces, with labels.
        strength: how often the line's change is added; faces differ from each other by
            more than it shows, as all is lost that is not at the same place. 1: once.
            Shapes lose less, and change half as often; contrasts lose nothing, and
            change once.
        find_landmarks: [S, S, 3] uint8 -> [68, 2] (x, y) in pixels, in any thread.
        groups: those of the faces; a face of unknown age is as old as its group's
            middle.
        seed: of the choice of faces, where there are more than are read.

    Raises:
        DataError: if every face of a group is unreadable.
    """

    def __init__(
        self,
        store: ImageStore,
        strength: float,
        find_landmarks: Callable[[np.ndarray], np.ndarray],
        groups: AgeGroups,
        seed: int = 0,
    ):
        self._strength, self._size = strength, store.image_size
        self._find_landmarks, self._groups = find_landmarks, groups
        self._side = min(_TEXTURE, self._size)
        self._read(store, seed)
        self._factors = functools.lru_cache(maxsize=512)(self._contrast_factors)
        self._other_gender = functools.lru_cache(maxsize=512)(self._find_other_gender)

    def __call__(self, face: np.ndarray, record: Record, group: int) -> np.ndarray:
        """Ages a face.

        Args:
            face: [S, S, 3] uint8 RGB, perhaps mirrored.
            record: its labels; the age group must be known.
            group: to age to.

        Returns:
            [S, S, 3] float32 in [0, 255]; the face itself for its own group.
        """
        if record.group == group:
            return face.astype(np.float32)
        gender = self._gender(record, group)
        landmarks = self._find_landmarks(face)
        _, looks = self._laid_and_looks(face, landmarks)
        texture, typical_texture, shape = self._growth(record, group, gender, looks)

        luminance, chroma = _luminance_and_chroma(self._strength * texture)
        chroma -= chroma.mean(axis=(0, 1))
        typical = _colourfulness(typical_texture)
        share = min(1.0, _colourfulness(face) / typical) if typical else 1.0
        change = _resized(luminance + share * chroma, self._size)
        to_face = self._mesh.places(self._mesh.landmarks, landmarks)
        bands, rest = _bands(face + face_mesh.bent(change, to_face))
        factors = face_mesh.bent(self._factors(record.group, group, gender), to_face)
        for index, band in enumerate(bands):
            bands[index] = band * _resized(factors[..., index], len(band))[..., None]

        moved = landmarks + _SHAPE * self._strength * shape
        aged = face_mesh.bent(_sum(bands, rest), self._mesh.places(landmarks, moved))
        return np.clip(aged, 0.0, 255.0)

    def _gender(self, record, group):
        """Returns the gender, if both groups have enough faces of it; else None."""
        both = (record.group, group)
        enough = all(self._has_enough(each, record.gender) for each in both)
        return record.gender if enough else None

    def _growth(self, record, group, gender, looks):
        """Returns what the faces like it change by, until they are as old as a group.

        Returns:
            (change of the texture [T, T, 3], mean texture [T, T, 3] of those of its own
            group, change of the landmarks [68, 2]).
        """
        of_groups = self._alike(gender, looks)
        alike = np.concatenate(list(of_groups.values()))
        ages = self._development[alike]
        # 0: as this face stands and is lit.
        sides = (self._looks[alike] - looks) @ self._sides
        known = np.column_stack([np.ones_like(ages), ages, sides, self._sorts[alike]])
        # Columns may be alike, or noise.
        slope = np.linalg.pinv(known, rcond=1e-6)[1]
        older = self._development[self._places[group, gender]].mean()
        slope *= older - development(self._age(record))
        own = np.isin(alike, of_groups[record.group])
        weights = np.stack([slope, own / own.sum()]).astype(np.float32)
        texture, mean = self._weighted_textures(weights, alike)
        shape = np.tensordot(slope, self._landmarks[alike], 1)
        self._leave_out_gender(texture, shape, gender)
        return texture, mean, shape

    def _leave_out_gender(self, texture, shape, gender):
        """Takes from a change, in place, what makes a face one of the other gender."""
        others = self._other_gender(gender)
        if others is None:
            return
        other_texture, other_shape = others
        change = (texture - texture.mean(axis=(0, 1))) * self._inner
        texture -= _GENDER * _share(change, other_texture) * other_texture
        shape -= _share(shape, other_shape) * other_shape

    def _find_other_gender(self, gender):
        """Returns what mean faces of the other gender differ by from a gender's own.

        Returns:
            (texture [T, T, 3] within the face, landmarks [68, 2]), means over the age
            groups; None, where the gender is not known or there is no other.
        """
        other = _OTHER_GENDER.get(gender)
        if other is None:
            return None
        differences = [
            self._mean_face(self._places[group, other])
            - self._mean_face(self._places[group, gender])
            for group in range(len(self._groups))
            if self._has_enough(group, gender) and self._has_enough(group, other)
        ]
        if not differences:
            return None
        texture, shape = np.split(
            np.mean(differences, axis=0), [-2 * face_mesh.LANDMARKS]
        )
        texture = texture.reshape(self._side, self._side, 3)
        texture = (texture - texture.mean(axis=(0, 1))) * self._inner
        return texture.astype(np.float32), shape.reshape(-1, 2)

    def _mean_face(self, places):
        """Returns [3 T T + 136], the mean texture and landmarks."""
        weights = np.full((1, len(places)), 1 / len(places), np.float32)
        (texture,) = self._weighted_textures(weights, places)
        landmarks = self._landmarks[places].mean(axis=0)
        return np.concatenate([texture.ravel(), landmarks.ravel()])

    def _has_enough(self, group, gender):
        fewest = 1 if gender is None else 2 * FEWEST
        return len(self._places.get((group, gender), ())) >= fewest

    def _weighted_textures(self, weights, places):
        """Returns weights [W, N] @ textures [N, ...], as [W, T, T, 3] float32."""
        found = np.zeros((len(weights), self._side**2 * 3), np.float32)
        for start in range(0, len(places), _AT_ONCE):
            some = self._textures[places[start : start + _AT_ONCE]]
            some = some.reshape(len(some), -1).astype(np.float32)
            found += weights[:, start : start + _AT_ONCE] @ some
        return found.reshape(-1, self._side, self._side, 3)

    def _alike(self, gender, looks):
        """Returns {group: places} of the faces of a gender that look most alike."""
        nearest = {}
        for group in range(len(self._groups)):
            if self._has_enough(group, gender):
                places = self._places[group, gender]
                distance = np.square(self._looks[places] - looks).sum(axis=1)
                nearest[group] = places[np.argsort(distance, kind="stable")[:ALIKE]]
        return nearest

    def _age(self, record):
        return self._groups.middles[record.group] if record.age is None else record.age

    def _contrast_factors(self, source, target, gender):
        """Returns [S, S, B], what each band of a mean face's contrast changes by."""
        factors = []
        before, after = self._squares[source, gender], self._squares[target, gender]
        for blur, old, new in zip(_BLUR, before, after, strict=True):
            # Their sums are of as many faces as there are places.
            old = old / len(self._places[source, gender])
            new = new / len(self._places[target, gender])
            old, new = (cv2.GaussianBlur(x, (0, 0), blur) + 1.0 for x in (old, new))
            factor = np.clip(np.sqrt(new / old), 1 / _MOST_CONTRAST, _MOST_CONTRAST)
            factors.append(_resized(factor.astype(np.float32), self._size))
        return np.stack(factors, axis=-1)

    def _laid_and_looks(self, face, landmarks):
        """Returns a face with its parts where the mean face has them, and its looks.

        (Face [S, S, 3], how it stands and is lit [L].)
        """
        laid = face_mesh.bent(face, self._mesh.places(landmarks, self._mesh.landmarks))
        light = _resized(laid[..., 1].astype(np.float32), _LIGHT).ravel()
        light = light - light.mean()
        light = light / (light.std() + 8.0)  # Levels: few of light and shade are noise.
        shape = landmarks - self._mesh.landmarks
        shape = (shape - shape.mean(axis=0)) / (_LANDMARK * self._size)
        return laid, np.concatenate([light, shape.ravel()], dtype=np.float32)

    def _read(self, store, seed):
        """Reads the faces that means are made of, each also mirrored."""

        def find(item):
            face = store.face(item[1])
            return None if face is None else self._find_landmarks(face)

        chosen = _choose(store.records, seed)
        landmarks = _in_threads(find, chosen, "landmarks")
        pairs = zip(chosen, landmarks, strict=True)
        found = [pair for pair in pairs if pair[1] is not None]
        for group in {group for (group, _), _ in chosen}:
            if all(group != known for ((known, _), _), _ in found):
                raise DataError(
                    f"Every face of age group number {group} is unreadable."
                )
        both = [
            each
            for _, points in found
            for each in (points, face_mesh.mirrored(points, self._size))
        ]
        self._landmarks = np.array(both, np.float32)
        self._mesh = face_mesh.FaceMesh(self._landmarks.mean(axis=0), self._size)
        self._inner = face_mesh.inside(self._mesh.landmarks, self._size, self._side)
        self._textures = np.empty((len(both), self._side, self._side, 3), np.uint8)
        self._looks = np.empty(
            (len(both), _LIGHT**2 + 2 * face_mesh.LANDMARKS), np.float32
        )

        def read(place):
            (_, position), _ = found[place // 2]
            face = store.face(position)
            face = np.ascontiguousarray(face[:, ::-1]) if place % 2 else face
            laid, looks = self._laid_and_looks(face, self._landmarks[place])
            self._textures[place], self._looks[place] = (
                _resized(laid, self._side),
                looks,
            )
            luminance, _ = _luminance_and_chroma(laid)
            return [band**2 for band in _bands(luminance[..., 0])[0]]

        places: dict[tuple, list[int]] = {}
        ages: list[float] = []
        sorts: list[tuple] = []
        self._squares: dict[tuple, list[np.ndarray]] = {}
        all_squares = _in_threads(read, range(len(both)), "mean faces")
        for place, squares in enumerate(all_squares):
            (group, sort), position = found[place // 2][0]
            ages.append(self._age(store.records[position]))
            sorts.append(sort)
            for gender in {sort[0], None}:
                places.setdefault((group, gender), []).append(place)
                sums = self._squares.setdefault((group, gender), [0.0] * _BANDS)
                sums[:] = [a + b for a, b in zip(sums, squares, strict=True)]
        self._places = {key: np.array(each) for key, each in places.items()}
        self._development = np.array([development(age) for age in ages])
        groups = np.array([group for ((group, _), _), _ in found]).repeat(2)
        self._sorts = _columns(sorts, groups)
        self._sides = _sides_of(self._looks)


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
        if (counts >= 2 * FEWEST).sum() > 1:
            columns.append(of_sort)
    return np.array(columns, float).reshape(len(columns), len(sorts)).T


def _share(change, other):
    """Returns how often a change contains `other`; 0, where it goes the other way."""
    return max(0.0, float((change * other).sum() / max((other * other).sum(), 1e-9)))


def _sides_of(looks):
    """Returns [L, D]: the ways in which faces' halves differ most, by light and pose.

    Args:
        looks: [2 N, L], of faces and after each of its mirror image.
    """
    differences = (looks[0::2] - looks[1::2]) / 2
    _, ways = np.linalg.eigh(differences.T @ differences)
    return ways[:, -_SIDES:]


def _in_threads(function, items, what):
    """Yields the results, in order."""
    with ThreadPoolExecutor(_THREADS) as pool:
        results = pool.map(function, items)
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


def _luminance_and_chroma(image):
    luminance = (image.astype(np.float32) @ _LUMINANCE)[..., None]
    return luminance, image - luminance


def _colourfulness(face):
    """Returns the root mean square of a face's chroma; 0 for shades of grey."""
    return float(np.sqrt(np.square(_luminance_and_chroma(face)[1]).mean()))


def _bands(image):
    """Splits an image into bands of its detail, finest first, and what is left.

    Source: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983.
    """
    bands = []
    for _ in range(_BANDS):
        smaller = cv2.pyrDown(image)
        bands.append(image - cv2.pyrUp(smaller, dstsize=image.shape[1::-1]))
        image = smaller
    return bands, image


def _sum(bands, rest):
    for band in reversed(bands):
        rest = band + cv2.pyrUp(rest, dstsize=band.shape[1::-1])
    return rest


def _resized(image, side):
    """Returns an image of another size; averaged where it becomes smaller."""
    how = cv2.INTER_AREA if side < len(image) else cv2.INTER_LINEAR
    return cv2.resize(image, (side, side), interpolation=how)
