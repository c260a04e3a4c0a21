"""Drawn faces whose age group shows: for tests, not for training.

From group to group the hair turns greyer and the forehead gains a wrinkle.
"""

from pathlib import Path

import cv2
import numpy as np

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data import images

_CANVAS = 128  # pixels; faces are drawn at this size, then resized.
_OLDEST = 80  # years, of the drawn faces.


def draw_face(group: int, random: np.random.Generator, size: int) -> np.ndarray:
    """Draws a face of an age group; skin, light, hair colour and shape are random.

    Args:
        group: number of the age group; as many wrinkles.
        random: where the draws come from.
        size: height and width, in pixels.

    Returns:
        [size, size, 3] uint8 RGB.
    """
    background = random.integers(90, 220, 3).tolist()
    skin = random.uniform(0.6, 1.0) * np.array([240, 195, 165])
    dark = (0.45 * skin).tolist()
    greyness = min(1.0, group / (len(CACD) - 1))
    young_hair = random.uniform(0.5, 1.5) * np.array([90, 55, 25])
    hair = (1 - greyness) * young_hair + greyness * np.array([215, 215, 215])
    middle_x, middle_y = (random.integers(-3, 4, 2) + (64, 70)).tolist()
    half_width, half_height = int(random.integers(34, 41)), int(random.integers(46, 52))

    face = np.full((_CANVAS, _CANVAS, 3), background, np.uint8)
    middle = (middle_x, middle_y)
    cv2.ellipse(
        face,
        (middle_x, middle_y - 8),
        (half_width + 8, half_height + 6),
        *(0, 180, 360),
        hair.tolist(),
        thickness=-1,
    )
    cv2.ellipse(face, middle, (half_width, half_height), 0, 0, 360, skin.tolist(), -1)
    for side in (-1, 1):
        eye = (middle_x + side * half_width // 2, middle_y - 6)
        cv2.ellipse(face, eye, (7, 4), 0, 0, 360, (250, 250, 250), -1)
        cv2.circle(face, eye, 3, (40, 30, 20), -1)
    mouth = (middle_x, middle_y + 24)
    cv2.ellipse(face, mouth, (14, 6), 0, 0, 180, (170, 60, 60), 3)
    for wrinkle in range(group):
        height = middle_y - 18 - 6 * wrinkle
        half_length = half_width // 2
        cv2.line(
            face,
            (middle_x - half_length, height),
            (middle_x + half_length, height),
            dark,
            thickness=3,
        )
    return images.resize(face, size)


def write_utkface_folder(
    folder: Path,
    faces_per_group: int,
    size: int,
    seed: int = 0,
    groups: AgeGroups = CACD,
) -> list[Path]:
    """Writes drawn faces of every age group under names that data.utkface reads.

    Args:
        folder: where the files go; made if need be.
        faces_per_group: files of each age group.
        size: height and width, in pixels.
        seed: of all draws; the same seed writes the same files.
        groups: the age groups.

    Returns:
        The paths, by age group, then as drawn.
    """
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for group, (youngest, oldest) in enumerate(groups.ranges):
        for _ in range(faces_per_group):
            age = random.integers(youngest, (oldest or _OLDEST) + 1)
            gender, race = random.integers(2), random.integers(5)
            date = 20170101000000000 + len(paths)  # as in the names of UTKFace.
            name = f"{age}_{gender}_{race}_{date}.jpg.chip.jpg"
            images.write_image(folder / name, draw_face(group, random, size))
            paths.append(folder / name)
    return paths
