"""A generator of latent vectors -> directions in which its faces' gender changes."""

import numpy as np
from tqdm import tqdm

from ipcgan.config import InversionConfig
from ipcgan.data import images
from ipcgan.inference import (
    config_values,
    face_estimates,
    gender_directions,
    generation,
)
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.generators import LATENTS

_BATCH = 64
_HELD_OUT = 5  # every fifth face tells how good the fit is.


def measure(
    checkpoint_dir: str,
    gender_pretrained_model: str,
    num_faces: int,
) -> list[str]:
    """Draws faces of each age group, reads them, and writes the directions.

    Args:
        checkpoint_dir: of an Age-cGAN; its folder gets gender_directions.FILE.
        gender_pretrained_model: folder of the face network that reads them.
        num_faces: of each age group.

    Returns:
        Lines of text.

    Raises:
        checkpoints.CheckpointError: if there is no such generator or face network.
    """
    folder = config_values.find(checkpoint_dir)
    ager = FaceAger.from_checkpoint(folder, inversion=InversionConfig(method="none"))
    ager.require(
        LATENTS, f"{checkpoint_dir}: ages faces, and makes none; expected an Age-cGAN."
    )
    reader = face_estimates.read_gender_reader(gender_pretrained_model, ager.image_size)
    size = ager.generator.inputs[0].shape[-1]
    latents = generation.latents_of_seeds(range(num_faces), size, spread=1.0)
    fitted = np.arange(num_faces) % _HELD_OUT > 0
    directions, lines = [], [f"{num_faces} faces of each age group:"]
    names = tqdm(ager.group_names, "reading faces", unit="group", dynamic_ncols=True)
    for group, name in enumerate(names):
        gender, years = _read(ager.generator, reader, latents, group)
        of_gender, of_age = (
            gender_directions.slopes(latents[fitted], values[fitted])
            for values in (gender, years)
        )
        directions.append(gender_directions.direction(of_gender, of_age))
        share = _explained(latents[~fitted] @ of_gender, gender[~fitted])
        lines.append(
            f"{name}: {100 * (gender > 0).mean():.0f} % women; a line explains "
            f"{100 * share:.0f} % of the variance of their gender"
        )
    gender_directions.write(folder, np.stack(directions))
    return [*lines, f"Written to {folder / gender_directions.FILE}."]


def _read(generator, reader, latents, group):
    """Returns ([N] gender, [N] years) of the faces of latent vectors."""
    gender, years = [], []
    for start in range(0, len(latents), _BATCH):
        some = latents[start : start + _BATCH]
        made = generation.generate(generator, some, [group], _BATCH)[:, 0]
        filled = generation.filled_up(images.to_unit_range(made), _BATCH)
        outputs = reader.predict_on_batch(filled)
        gender.append(face_estimates.gender_of(outputs)[: len(some)])
        years.append(np.ravel(outputs["age_years"])[: len(some)])
    return np.concatenate(gender), np.concatenate(years)


def _explained(fitted, values):
    """Returns which share of the variance of values a fit explains."""
    return np.corrcoef(fitted, values)[0, 1] ** 2
