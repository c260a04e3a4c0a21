"""Draws faces of people who do not exist, one for each seed."""

from collections.abc import Sequence
from pathlib import Path

from ipcgan import checkpoints, report
from ipcgan.config import InversionConfig
from ipcgan.data import images, marks
from ipcgan.inference import generation
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.generators import LATENTS


def invent(
    checkpoint_dir: str, save_dir: str, seeds: Sequence[int], group: str, spread: float
) -> list[Path]:
    """Writes a face of each seed, and all of them at every age as sheet.jpg.

    Files are named nobody-SEED.png, and marked as made by AI; others in the folder are
    left alone.

    Args:
        checkpoint_dir: of a network that makes faces of latent vectors.
        save_dir: the folder to write to.
        seeds: of one latent vector each, drawn by NumPy's default generator.
        group: name of the age group of the single faces.
        spread: factor of the latent vectors; below 1 faces are more alike, and cleaner.

    Returns:
        The files, the sheet last.

    Raises:
        checkpoints.CheckpointError: if the network is another, or has no such group.
    """
    # No latent vector is searched here: the cheapest inversion will do.
    ager = FaceAger.from_checkpoint(
        checkpoint_dir, inversion=InversionConfig(method="none")
    )
    ager.require(
        LATENTS, f"{checkpoint_dir}: ages faces, and makes none; expected an Age-cGAN."
    )
    if group not in ager.group_names:
        raise checkpoints.CheckpointError(
            f"{checkpoint_dir}: has no age group {group!r}, but "
            f"{', '.join(ager.group_names)}."
        )
    size = ager.generator.inputs[0].shape[-1]
    latents = generation.latents_of_seeds(seeds, size, spread)
    groups = tuple(range(len(ager.group_names)))
    faces = generation.generate(ager.generator, latents, groups)
    folder = Path(save_dir)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed, row in zip(seeds, faces, strict=True):
        paths.append(folder / f"nobody-{seed}.png")
        face = row[ager.group_names.index(group)]
        images.write_image(paths[-1], face, marks.INVENTED)
    paths.append(folder / "sheet.jpg")
    sheet = report.contact_sheet([list(row) for row in faces], list(ager.group_names))
    images.write_image(paths[-1], sheet, marks.INVENTED)
    return paths
