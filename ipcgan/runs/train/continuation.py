"""Resumed training runs: which settings may change, and the record of changes."""

import json
from pathlib import Path

from absl import logging

from ipcgan import checkpoints

# What a continuation must not change: the networks, and which optimizers there are.
_FIXED = (
    "family",
    "groups",
    "sizes.",
    "pretraining.tasks",
)
# Where and how often a run writes, and how far one command goes: these do not change
# the result.
_WITHOUT_EFFECT = (
    "checkpoint_dir",
    "sample_dir",
    "save_interval",
    "sample_interval",
    "log_interval",
    "max_to_keep",
    "stage",
    "memory_gigabytes",
    "descriptor_cache",
)


def check_stages(path: Path, state: dict, now: list[list]) -> None:
    """Refuses another length of a stage that the checkpoint has left behind.

    Args:
        path: the checkpoint.
        state: of the checkpoint.
        now: the stages' lengths; see stages.lengths_of.

    Raises:
        checkpoints.CheckpointError: if a length differs.
    """
    end = 0
    for number, (name, steps) in enumerate(state.get("stages", [])):
        end += steps
        if state["step"] > end and now[number : number + 1] != [[name, steps]]:
            raise checkpoints.CheckpointError(
                f"{path}: is beyond its stage {name}, which had {steps} steps; the "
                f"stages are now {', '.join(f'{n} ({s})' for n, s in now)}. Give the "
                "earlier flags, or another --checkpoint_dir to train from the start."
            )


def begun_as(before: dict, config: dict) -> dict:
    """Returns a config with the initial weights of `before`, not those of `config`.

    If `before` does not name them, they are unknown.
    """
    name = checkpoints.BEGUN_WITH
    kept = {key: value for key, value in config.items() if key != name}
    return {**kept, name: before[name]} if name in before else kept


def changed(path: Path, before: dict, config: dict) -> dict[str, list]:
    """Returns {key: [before, now]} of two configs; warns of each.

    Settings that one of them does not know are of another version: their defaults.

    Args:
        path: the checkpoint that training resumes from.
        before: its config.
        config: the current one.

    Raises:
        checkpoints.CheckpointError: for what a continuation must not change.
    """
    before, after = flat(before), flat(json.loads(json.dumps(config)))
    found = {
        key: [before[key], after[key]]
        for key in sorted(before.keys() & after.keys())
        if before[key] != after[key]
    }
    fixed = [k for k in found if k.startswith(_FIXED)]
    if fixed:
        raise checkpoints.CheckpointError(
            f"{path}: is of another training run: "
            + ", ".join(f"{k} was {before[k]}, now {after[k]}" for k in fixed)
            + ". Give another --checkpoint_dir or the earlier flags."
        )
    for key in found:
        logging.warning("Resuming with %s %s; was %s.", key, after[key], before[key])
    return found


def with_changes(
    path: Path, before: dict, config: dict, changed: dict[str, list], done: int
) -> dict:
    """Returns a config with all changes: earlier ones, and those at this step.

    Earlier ones are read from the checkpoint that training resumes from: a change is
    lost together with the steps that were trained with it, and is recorded once.

    Args:
        path: the checkpoint.
        before: its config.
        config: the current one.
        changed: as from `changed`.
        done: steps of the checkpoint.
    """
    changes = checkpoints.changes(before, path / checkpoints.CONFIG)
    changed = {
        key: values
        for key, values in changed.items()
        if key.rpartition(".")[2] not in _WITHOUT_EFFECT
    }
    if changed:
        changes = [*changes, {"step": done, **changed}]
    return {**config, checkpoints.CHANGES: changes} if changes else config


def flat(values, prefix=""):
    """Returns {"sizes.image_size": 128, ...} of nested dicts."""
    result = {}
    for key, value in values.items():
        if isinstance(value, dict):
            result |= flat(value, f"{prefix}{key}.")
        else:
            result[prefix + key] = value
    return result
