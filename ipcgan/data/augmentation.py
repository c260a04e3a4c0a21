"""Random changes to a face that say nothing about its age.

A generator exploits every cue of the age classifier that teaches it: if red skin or
blur looks old to the classifier, the generator will paint red or blur. So the
classifier is trained on faces whose colour, sharpness, noise and framing say nothing
about age.
"""

import cv2
import numpy as np


def flip(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Mirrors [H, W, 3] left to right in half of the calls."""
    return image[:, ::-1] if random.random() < 0.5 else image


def age_preserving(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Changes colour, light, sharpness, noise and framing at random.

    Args:
        image: [H, W, 3] uint8 RGB; not changed.
        random: where the draws come from.

    Returns:
        [H, W, 3] uint8 RGB, another array.
    """
    image = _reframe(flip(image, random), random)
    image = _recolour(image.astype(np.float32), random)
    image = _relight(image, random)
    image = _resharpen(image, random)
    return np.rint(image.clip(0.0, 255.0)).astype(np.uint8)


def _reframe(image, random):
    height, width = image.shape[:2]
    turn = random.normal(0.0, 4.0)  # degrees
    zoom = np.exp(random.normal(0.0, 0.05))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
    matrix[:, 2] += random.normal(0.0, 0.025 * width, 2)
    return cv2.warpAffine(
        image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101
    )


def _recolour(image, random):
    grey = image @ np.array([0.299, 0.587, 0.114], np.float32)
    saturation = 0.0 if random.random() < 0.3 else random.uniform(0.0, 1.3)
    image = grey[..., None] + saturation * (image - grey[..., None])
    if random.random() < 0.7:
        image = image * random.uniform(0.65, 1.35, 3).astype(np.float32)
    contrast = random.uniform(0.65, 1.35)
    return (image - 128.0) * contrast + 128.0 + random.uniform(-28.0, 28.0)


def _relight(image, random):
    if random.random() < 0.5:
        return image
    # A smooth light from a random direction, so that shading at the rim of the face is
    # no sign of age either.
    light = random.uniform(0.6, 1.4, (3, 3, 1)).astype(np.float32)
    if random.random() < 0.3:
        light = light * random.uniform(0.8, 1.2, (3, 3, 3)).astype(np.float32)
    light = cv2.resize(light, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return image * light.reshape(*image.shape[:2], -1)


def _resharpen(image, random):
    if random.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, 1.6))
    if random.random() < 0.25:
        soft = cv2.GaussianBlur(image, (0, 0), 1.5)
        image = image + random.uniform(0.2, 1.0) * (image - soft)
    if random.random() < 0.5:
        image = image + random.normal(0.0, random.uniform(1.0, 12.0), image.shape)
    return image
