"""Measures the latent search: its time, and whether the objective falls."""

import numpy as np

from ipcgan.config import InversionConfig
from ipcgan.data import sources, synthetic
from ipcgan.data.faces import read_faces, spread_over_groups
from ipcgan.data.records import DataError
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.generators import LATENTS
from ipcgan.runs.benchmark.timing import machine


def searches_timed(
    checkpoint_dir: str,
    root_folder: str,
    num_faces: int,
    settings: InversionConfig | None = None,
) -> list[str]:
    """Searches the latent vectors of some faces, all together, by every method.

    Args:
        checkpoint_dir: of a network that ages by latent vectors.
        root_folder: UTKFace folder, of whose test split faces of all age groups are
            taken; "": drawn faces.
        num_faces: how many.
        settings: of the searches; None: as by default.

    Returns:
        Lines of text: of each search the seconds, what compiles included, the steps,
        and of how many faces the objective never rose.

    Raises:
        checkpoints.CheckpointError: if the network is another.
        DataError: if the folder has too few faces.
    """
    ager = FaceAger.from_checkpoint(checkpoint_dir, num_faces, inversion=settings)
    ager.require(
        LATENTS,
        f"{checkpoint_dir}: searches no latent vectors; expected an Age-cGAN, such as "
        "checkpoints/age_cgan_64.",
    )
    faces, groups = _some_faces(root_folder, num_faces, ager)
    lines = [machine()]
    found = ager.search(faces, groups)
    for name in found.traces:
        went = found.progress(name)
        lines.append(
            f"{name} search of {num_faces} faces of {ager.image_size} pixels: "
            f"{found.seconds[name]:.1f} s, {went.steps:.0f} steps a face "
            f"({went.most_steps} at most); the objective falls from {went.start:.3g} "
            f"to {went.end:.3g}, and never rose for {went.falling}"
        )
    return lines


def _some_faces(root_folder, num_faces, ager):
    """Returns ([N, S, S, 3] uint8, [N] their own groups)."""
    groups, random = ager.age_groups, np.random.default_rng(0)
    if not root_folder:
        own = np.arange(num_faces) % len(groups)
        drawn = [synthetic.draw_face(group, random, ager.image_size) for group in own]
        return np.stack(drawn), own
    records = sources.read_split("utkface", root_folder, "", "test", groups)
    order = spread_over_groups(records, random)
    found, unreadable = read_faces(order, ager.image_size, num_faces)
    if len(found) < num_faces:
        raise DataError(
            f"{root_folder}: {len(found)} faces of the test split, expected at least "
            f"{num_faces}." + "".join(f"\n{why}" for why in unreadable)
        )
    return found.pixels, found.groups
