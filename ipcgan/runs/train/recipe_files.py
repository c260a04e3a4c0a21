"""Recipe files: the settings that make a training run repeatable.

A recipe file is a run's config.json without what is about the machine: family,
data.age_groups, sizes, recipe, run (of it RUN_FIELDS) and the face networks that
teach; what it does not name has the family's default. `about` is a sentence for
people. Loads no Keras.
"""

import dataclasses
import json
from pathlib import Path

from absl import logging

from ipcgan import checkpoints, config
from ipcgan.age_groups import GROUPINGS
from ipcgan.families import FAMILIES
from ipcgan.runs.train import recipe_values
from ipcgan.runs.train.recipe_values import RUN_FIELDS, TEACHERS

_SHIPPED = Path(__file__).parents[2] / "recipes"
_LARGEST = 2**20  # bytes of a file.


def shipped() -> dict[str, str]:
    """Returns {name: what it is about, in a sentence} of the recipes that ship."""
    return {path.stem: _about(path) for path in sorted(_SHIPPED.glob("*.json"))}


def default(family: str) -> config.TrainConfig:
    """Returns a family's own numbers; `family` is a key of FAMILIES."""
    return recipe_values.settings({"family": family}, Path(family))


def read(source: str) -> config.TrainConfig:
    """Reads a recipe; warns where one command does not repeat its training run.

    Args:
        source: a name of `shipped()`; or a folder with a config.json: a training run's,
            whose newest checkpoint is read, a checkpoint or shipped weights; or a file.

    Returns:
        The training run, without folders: those, and intervals, are not of a recipe.

    Raises:
        config.ConfigError: if there is none, or naming the file, the key, its value
            and what was expected.
        checkpoints.CheckpointError: if what changed midway cannot be read.
    """
    path = _find(source)
    values = _read_json(path)
    settings = recipe_values.settings(values, path)
    begun_with = values.get(checkpoints.BEGUN_WITH, "")
    if begun_with:
        logging.warning(
            "%s: started from other weights: --init_from=%s.", path, begun_with
        )
    _warn_of_changes(checkpoints.changes(values, path), path)
    return settings


def read_run(folder: str) -> config.TrainConfig:
    """Reads the settings of a run's last start, with its folders and intervals.

    Args:
        folder: of the run; it may have been moved since.

    Raises:
        config.ConfigError: if there is none, or naming the key, its value and what was
            expected.
    """
    path = Path(folder) / checkpoints.CONFIG
    if not path.is_file() or (Path(folder) / checkpoints.STATE).is_file():
        raise config.ConfigError(
            f"--resume={folder}: expected the folder of a training run, with its "
            f"{checkpoints.CONFIG} and checkpoints."
        )
    values = _read_json(path)
    settings = recipe_values.settings(values, path)
    data = recipe_values.fields(settings.data, values.get("data", {}), f"{path}: data.")
    run = recipe_values.fields(settings.run, values.get("run", {}), f"{path}: run.")
    if not run.get("checkpoint_dir"):
        raise config.ConfigError(
            f"--resume={folder}: has no settings of a training run; begin one with "
            f"--init_from={folder}."
        )
    # Where there are checkpoints, the initial weights are no longer needed.
    begun = checkpoints.newest(Path(folder)) is not None
    return dataclasses.replace(
        settings,
        data=dataclasses.replace(settings.data, **data),
        run=dataclasses.replace(settings.run, **{**run, "checkpoint_dir": folder}),
        init_from="" if begun else values.get(checkpoints.BEGUN_WITH, ""),
    )


def describe(settings: config.TrainConfig) -> dict:
    """Returns a training run's recipe, whole, as a file holds it.

    Raises:
        config.ConfigError: if the settings do not fit the family.
    """
    family, groups = settings.family, GROUPINGS[settings.data.age_groups]
    sizes = {"num_groups": len(groups), **settings.sizes}
    recipe = config.from_json(FAMILIES[family].recipe, settings.recipe)
    return {
        "family": family,
        "data": {"age_groups": settings.data.age_groups},
        "sizes": dataclasses.asdict(config.from_json(FAMILIES[family].sizes, sizes)),
        "recipe": dataclasses.asdict(recipe),
        "run": {name: getattr(settings.run, name) for name in RUN_FIELDS},
        **{name: getattr(settings, name) for name in TEACHERS},
    }


def _about(path):
    try:
        return str(_read_json(path).get("about", ""))
    except config.ConfigError:
        return "(broken)"  # --help continues; using the recipe raises the error.


def _find(source):
    """Returns the file of a recipe; a name that ships comes before a folder."""
    if source in shipped():
        return _SHIPPED / f"{source}.json"
    path = Path(source)
    if path.is_dir():
        file = checkpoints.resolve(path) / checkpoints.CONFIG
        if not file.is_file():
            raise config.ConfigError(
                f"--recipe={source}: no {checkpoints.CONFIG} there; expected the "
                "folder of a training run, a checkpoint or shipped weights."
            )
        return file
    if path.is_file():
        return path
    raise config.ConfigError(
        f"--recipe={source}: no such recipe; expected a folder with a "
        f"{checkpoints.CONFIG}, a JSON file, or one of {', '.join(shipped())}."
    )


def _read_json(path):
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise config.ConfigError(f"{path}: larger than {_LARGEST} bytes: no recipe.")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise config.ConfigError(f"{path}: expected JSON: {error}.") from error
    return recipe_values.json_object(values, path)


def _warn_of_changes(changes, path):
    """Warns of settings that a resumed run changed."""
    if changes:
        logging.warning(
            "%s: changed midway, so that one command does not repeat it: %s.",
            path,
            "; ".join(
                f"{', '.join(sorted(change.keys() - {'step'})) or 'something'} at step "
                f"{change['step']}"
                for change in changes
            ),
        )
