"""Finds a network's teachers: recognisers that must not judge it."""

from pathlib import Path

from ipcgan import checkpoints, config

# Both IDENTITY_DESCRIPTORS are this recogniser's: one is its own, the other an
# imitation.
_DESCRIBER = "Dlib"


def teachers_of(
    checkpoint_dir: str | Path, inversion: config.InversionConfig
) -> tuple[str, ...]:
    """Returns the recognisers used in a checkpoint's training or latent search.

    Args:
        checkpoint_dir: its folder, or a training run's.
        inversion: how latent vectors are searched, where the family takes them.

    Raises:
        checkpoints.CheckpointError: if there is no config, or it cannot be read.
    """
    folder = checkpoints.resolve(checkpoint_dir)
    values = checkpoints.read_json(folder / checkpoints.CONFIG)
    weights = [values.get("recipe", {}).get("descriptor_loss_weight", 0)]
    for change in checkpoints.changes(values, folder / checkpoints.CONFIG):
        weights += change.get("recipe.descriptor_loss_weight", [])
    searched = (
        values.get("family") == "age_cgan" and inversion.method in config.BY_PERSON
    )
    return (_DESCRIBER,) if any(weights) or searched else ()
