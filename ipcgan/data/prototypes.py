"""Ageing by prototypes: how the mean face, its shape and its contrast grow older.

Of the faces of one kind that stand and are lit alike, laid over each other landmark by
landmark, a straight line is fitted to every pixel over age: how faces of the kind grow
older. So many years of it, added to a face that is bent as their shapes change, and
with its contrast raised or lowered as the groups' contrasts differ, age the face
without any network. A line, because means of single groups differ by the chance of
their faces as well, which judges take for another person.

A group's pictures also share a colour cast and how bright a face is, by when and where
they were taken: old ones are darker. Both are left out, so that skin stays as light or
dark as it is, and a face gets as much of the other colours as it has colour itself:
none, in a black and white photograph.

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

import numpy as np

from ipcgan.age_groups import AgeGroups
from ipcgan.data import bands, face_mesh
from ipcgan.data.image_store import ImageStore
from ipcgan.data.laid_faces import LaidFaces, development
from ipcgan.data.records import Record

ALIKE = 150  # faces of each group that a line is fitted to.
_SHAPE = 0.5  # how often shapes change, where colours do once.
_GENDER = 0.5  # how much of the other gender's colours is left out; of its shape, all.
_AROUND_EYES = 1.5  # 128ths of the side that count as eyes as well.
_OTHER_GENDER = {"male": "female", "female": "male"}


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
        self._strength, self._find_landmarks = strength, find_landmarks
        self._faces = LaidFaces(store, find_landmarks, groups, seed)
        self._factors = functools.lru_cache(maxsize=512)(self._faces.contrast_factors)
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
        faces = self._faces
        looks = faces.looks_of(faces.laid(face, landmarks), landmarks)
        texture, typical_texture, shape = self._growth(record, group, gender, looks)

        luminance, chroma = bands.luminance_and_chroma(self._strength * texture)
        chroma -= chroma.mean(axis=(0, 1))
        luminance -= faces.inner * _mean_within(luminance, faces.inner)
        typical = bands.colourfulness(typical_texture)
        share = min(1.0, bands.colourfulness(face) / typical) if typical else 1.0
        change = bands.resized(luminance + share * chroma, faces.size)
        to_face = faces.mesh.places(faces.mesh.landmarks, landmarks)
        change = face_mesh.bent(change, to_face)
        pixel, once = faces.size / 128, 1.0 / max(1.0, self._strength)
        for part, left, wider in (
            (face_mesh.INNER_LIPS, 0.0, 0.0),
            (face_mesh.LEFT_EYE, once, _AROUND_EYES * pixel),
            (face_mesh.RIGHT_EYE, once, _AROUND_EYES * pixel),
        ):
            change *= 1.0 - (1.0 - left) * face_mesh.inside(
                landmarks[part], faces.size, faces.size, pixel, wider
            )
        detail, rest = bands.split(face + change)
        factors = face_mesh.bent(self._factors(record.group, group, gender), to_face)
        for index, band in enumerate(detail):
            factor = bands.resized(factors[..., index], len(band))
            detail[index] = band * factor[..., None]

        moved = landmarks + _SHAPE * self._strength * shape
        there = faces.mesh.places(landmarks, moved)
        aged = face_mesh.bent(bands.joined(detail, rest), there)
        return np.clip(aged, 0.0, 255.0)

    def _gender(self, record, group):
        """Returns the gender, if both groups have enough faces of it; else None."""
        both = (record.group, group)
        enough = all(self._faces.has_enough(each, record.gender) for each in both)
        return record.gender if enough else None

    def _growth(self, record, group, gender, looks):
        """Returns what the faces like it change by, until they are as old as a group.

        Returns:
            (change of the texture [T, T, 3], mean texture [T, T, 3] of those of its own
            group, change of the landmarks [68, 2]).
        """
        faces = self._faces
        of_groups = faces.alike(gender, looks, ALIKE)
        alike = np.concatenate(list(of_groups.values()))
        ages = faces.development[alike]
        # 0: as this face stands and is lit.
        sides = (faces.looks[alike] - looks) @ faces.sides
        known = np.column_stack([np.ones_like(ages), ages, sides, faces.sorts[alike]])
        # Columns may be alike, or noise.
        inverse = np.linalg.pinv(known.T @ known, rcond=1e-10, hermitian=True)
        slope = known @ inverse[1]
        older = faces.development[faces.places[group, gender]].mean()
        slope *= older - development(faces.age(record))
        own = np.isin(alike, of_groups[record.group])
        weights = np.stack([slope, own / own.sum()]).astype(np.float32)
        texture, mean = faces.weighted_textures(weights, alike)
        shape = np.tensordot(slope, faces.landmarks[alike], 1)
        self._leave_out_gender(texture, shape, gender)
        return texture, mean, shape

    def _leave_out_gender(self, texture, shape, gender):
        """Takes from a change, in place, what makes a face one of the other gender."""
        others = self._other_gender(gender)
        if others is None:
            return
        other_texture, other_shape = others
        change = (texture - texture.mean(axis=(0, 1))) * self._faces.inner
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
        faces = self._faces
        textures, shapes = [], []
        for group in range(len(faces.groups)):
            if faces.has_enough(group, gender) and faces.has_enough(group, other):
                texture, shape = faces.mean_face(faces.places[group, gender])
                other_texture, other_shape = faces.mean_face(faces.places[group, other])
                textures.append(other_texture - texture)
                shapes.append(other_shape - shape)
        if not textures:
            return None
        texture, shape = np.mean(textures, axis=0), np.mean(shapes, axis=0)
        texture = (texture - texture.mean(axis=(0, 1))) * faces.inner
        return texture.astype(np.float32), shape


def _mean_within(image, inner):
    """Returns the mean of an image [T, T, C] within a face: [C]; without one 0."""
    return (image * inner).sum(axis=(0, 1)) / max(inner.sum(), 1e-9)


def _share(change, other):
    """Returns how often a change contains `other`; 0, where it goes the other way."""
    return max(0.0, float((change * other).sum() / max((other * other).sum(), 1e-9)))
