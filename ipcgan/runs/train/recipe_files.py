"""A recipe is a file: what makes a training run repeatable, as config.json has it.

A recipe file is a run's config.json without what is about the machine: family,
data.age_groups, sizes, recipe, run (of it RUN_FIELDS) and the face networks that
teach; what it does not name has the family's default. `about` is a sentence for
people. Loads no Keras.
"""

import dataclasses
import json
import reprlib
from pathlib import Path

from absl import logging

from ipcgan import checkpoints, config
from ipcgan.age_groups import GROUPINGS
from ipcgan.families import FAMILIES, families_with

RUN_FIELDS = ("max_steps", "batch_size", "seed", "mixed_precision")  # of a RunConfig.
# Of a TrainConfig: what says which networks teach.
TEACHERS = (
    "alexnet_pretrained_model",
    "age_pretrained_model",
    "identity_descriptor",
    "texture_model",
)
_SHIPPED = Path(__file__).parents[2] / "recipes"
_LARGEST = 2**20  # bytes of a file.
_LIMITS = (0, 10**12)  # of numbers that have no other ones.
# What a config.json says beside its recipe: what was made, not how to make it.
_RESULTS = (
    "groups",
    "imported_from",
    "mixed_with",
    "steps",
    "template",
    checkpoints.BEGUN_WITH,
    checkpoints.CHANGES,
)
_CHOICES = {  # Of texts that no family has.
    "identity_descriptor": config.IDENTITY_DESCRIPTORS,
    "age_groups": tuple(GROUPINGS),
}


def shipped() -> dict[str, str]:
    """Returns {name: what it is about, in a sentence} of the recipes that ship."""
    return {path.stem: _about(path) for path in sorted(_SHIPPED.glob("*.json"))}


def default(family: str) -> config.TrainConfig:
    """Returns a family's own numbers; `family` is a key of FAMILIES."""
    return _settings({"family": family}, Path(family))


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
    settings = _settings(values, path)
    begun_with = values.get(checkpoints.BEGUN_WITH, "")
    if begun_with:
        logging.warning(
            "%s: began with other weights: --init_from=%s.", path, begun_with
        )
    _warn_of_changes(checkpoints.changes(values, path), path)
    return settings


def read_run(folder: str) -> config.TrainConfig:
    """Reads how a training was started last, with its folders and intervals.

    Args:
        folder: of the training; it may have been moved since.

    Raises:
        config.ConfigError: if there is none, or naming the key, its value and what was
            expected.
    """
    path = Path(folder) / checkpoints.CONFIG
    if not path.is_file() or (Path(folder) / checkpoints.STATE).is_file():
        raise config.ConfigError(
            f"--resume={folder}: expected the folder of a training, with its "
            f"{checkpoints.CONFIG} and checkpoints."
        )
    values = _read_json(path)
    settings = _settings(values, path)
    data = _fields(settings.data, values.get("data", {}), f"{path}: data.")
    run = _fields(settings.run, values.get("run", {}), f"{path}: run.")
    if not run.get("checkpoint_dir"):
        raise config.ConfigError(
            f"--resume={folder}: tells nothing of a training; begin one with "
            f"--init_from={folder}."
        )
    # Where there are checkpoints, the weights of the beginning are of no use any more.
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
        return "(broken)"  # --help goes on; who asks for it gets the error.


def _find(source):
    """Returns the file of a recipe; a name that ships comes before a folder."""
    if source in shipped():
        return _SHIPPED / f"{source}.json"
    path = Path(source)
    if path.is_dir():
        file = (checkpoints.newest(path) or path) / checkpoints.CONFIG
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
    try:
        return config.with_current_names(_object(values, path))
    except (config.ConfigError, RecursionError) as error:
        raise config.ConfigError(f"{path}: {error}") from error


def _not_as_expected(where, expected, value):
    found = reprlib.repr(value)  # A long one is cut.
    return config.ConfigError(f"{where}: expected {expected}, got {found}.")


def _object(values, where):
    if not isinstance(values, dict):
        raise config.ConfigError(
            f"{where}: expected a JSON object, got {reprlib.repr(values)}."
        )
    return values


def _settings(values, path):
    """Makes a config of a recipe's JSON object.

    Raises:
        config.ConfigError: naming `path`, the key, its value and what was expected.
    """
    family = values.get("family")
    if not isinstance(family, str) or family not in FAMILIES:
        expected = f"one of {', '.join(FAMILIES)}"
        raise _not_as_expected(f"{path}: family", expected, family)
    parts = ("data", "sizes", "recipe", "run")
    known = ("about", "family", *parts, *TEACHERS, *_RESULTS)
    _refuse_unknown(values, known, f"{path}: ")
    for name in ("about", checkpoints.BEGUN_WITH):
        _value(name, values.get(name, ""), "", f"{path}: ")

    read = {name: _object(values.get(name, {}), f"{path}: {name}") for name in parts}
    data = _fields(config.DataConfig(), read["data"], f"{path}: data.", ("age_groups",))
    data = {"age_groups": FAMILIES[family].age_groups, **data}
    run = _fields(config.RunConfig(), read["run"], f"{path}: run.", RUN_FIELDS)
    recipe = FAMILIES[family].recipe()
    recipe = dataclasses.replace(
        recipe, **_fields(recipe, read["recipe"], f"{path}: recipe.")
    )
    unchanged = config.TrainConfig()
    teachers = {
        name: _value(name, values[name], getattr(unchanged, name), f"{path}: ")
        for name in TEACHERS
        if name in values
    }
    return config.TrainConfig(
        data=config.DataConfig(**data),
        run=config.RunConfig(**{"batch_size": FAMILIES[family].batch_size, **run}),
        family=family,
        sizes=_sizes(family, read["sizes"], data["age_groups"], path),
        recipe=dataclasses.asdict(recipe),
        **teachers,
    )


def _sizes(family, values, age_groups, path):
    kind = FAMILIES[family].sizes
    given = _fields(kind(), values, f"{path}: sizes.")
    groups = len(GROUPINGS[age_groups])
    if given.setdefault("num_groups", groups) != groups:
        raise config.ConfigError(
            f"{path}: sizes.num_groups: expected {groups}, as data.age_groups "
            f"{age_groups} has, got {given['num_groups']}."
        )
    try:
        return dataclasses.asdict(kind(**given))
    except config.ConfigError as error:
        raise config.ConfigError(f"{path}: sizes: {error}") from error


def _fields(default, values, where, names=None):
    """Returns those of `values` that are named, each of the type of its default.

    Args:
        default: a dataclass, whose fields are the known keys.
        values: a JSON object.
        where: begins the message of an error.
        names: fields to return; None: all. Others are known, and none of a recipe.
    """
    known = {field.name: field for field in dataclasses.fields(default)}
    _refuse_unknown(values, known, where)
    return {
        name: _value(
            name,
            value,
            getattr(default, name),
            where,
            known[name].metadata.get("choices"),
        )
        for name, value in values.items()
        if names is None or name in names
    }


def _refuse_unknown(values, known, where):
    for name in values:
        if name not in known:
            others = families_with(name)
            of = f" (but to {', '.join(others)})" if others else ""
            raise config.ConfigError(
                f"{where}{name}: {reprlib.repr(values[name])}: this key is not known "
                f"here{of}; expected one of {', '.join(sorted(known))}."
            )


def _value(name, value, default, where, choices=()):
    """Returns a value, of the type of its field's default.

    Raises:
        config.ConfigError: beginning with `where` and `name`, if it is of another type,
            no finite number, out of range or not one of the choices.
    """
    if isinstance(default, bool):
        expected, fits = "true or false", isinstance(value, bool)
    elif isinstance(default, str):
        choices = choices or _CHOICES.get(name)
        expected = f"one of {', '.join(choices)}" if choices else "a text"
        fits = isinstance(value, str) and (not choices or value in choices)
    else:
        low, high = config.RUN_LIMITS.get(name, _LIMITS)
        kinds = (int,) if isinstance(default, int) else (int, float)
        expected = f"a {'number' if float in kinds else 'whole number'}"
        expected += f" from {low} to {high}"
        fits = type(value) in kinds and low <= value <= high
    if not fits:
        raise _not_as_expected(where + name, expected, value)
    return float(value) if isinstance(default, float) else value


def _warn_of_changes(changes, path):
    """Warns of what a continued run did otherwise than it began."""
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
