"""Checks a recipe's JSON object: each value's type, range and choices."""

import dataclasses
import reprlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ipcgan import checkpoints, config
from ipcgan.age_groups import GROUPINGS
from ipcgan.families import FAMILIES, families_with

RUN_FIELDS = ("max_steps", "batch_size", "seed", "mixed_precision")  # of a RunConfig.
# Of a TrainConfig: what says which networks teach.
TEACHERS = (
    "alexnet_pretrained_model",
    "age_pretrained_model",
    "identity_descriptor",
    "blend_model",
)
_LIMITS = (0, 10**12)  # of numbers that have no other ones.
# What a config.json has besides its recipe: what was made, not how to make it.
_RESULTS = (
    "groups",
    "imported_from",
    "judged_years",
    "steps",
    "template",
    checkpoints.BEGUN_WITH,
    checkpoints.CHANGES,
)
_CHOICES = {  # Of texts that no family has.
    "identity_descriptor": config.IDENTITY_DESCRIPTORS,
    "age_groups": tuple(GROUPINGS),
}


def settings(values: dict, path: Path) -> config.TrainConfig:
    """Makes a config of a recipe's JSON object.

    Args:
        values: the object.
        path: where it is from.

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

    read = {
        name: json_object(values.get(name, {}), f"{path}: {name}") for name in parts
    }
    data = fields(config.DataConfig(), read["data"], f"{path}: data.", ("age_groups",))
    data = {"age_groups": FAMILIES[family].age_groups, **data}
    run = fields(config.RunConfig(), read["run"], f"{path}: run.", RUN_FIELDS)
    recipe = FAMILIES[family].recipe()
    recipe = dataclasses.replace(
        recipe, **fields(recipe, read["recipe"], f"{path}: recipe.")
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
    given = fields(kind(), values, f"{path}: sizes.")
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


def fields(
    default: Any, values: dict, where: str, names: Sequence[str] | None = None
) -> dict:
    """Returns those of `values` that are named, each of the type of its default.

    Args:
        default: a dataclass, whose fields are the known keys.
        values: a JSON object.
        where: begins the message of an error.
        names: fields to return; None: all. Other known keys are no part of a recipe.
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
    if default is None:  # mixed_precision alone.
        expected, fits = "true, false or null", value is None or type(value) is bool
    elif isinstance(default, bool):
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


def _not_as_expected(where, expected, value):
    found = reprlib.repr(value)  # A long one is cut.
    return config.ConfigError(f"{where}: expected {expected}, got {found}.")


def json_object(values: Any, where: str | Path) -> dict:
    """Returns `values`, else ConfigError: they are no JSON object, `where`."""
    if not isinstance(values, dict):
        raise config.ConfigError(
            f"{where}: expected a JSON object, got {reprlib.repr(values)}."
        )
    return values
