"""Converts the flags of training to a config."""

import dataclasses

from absl import app, flags, logging

from ipcgan import config
from ipcgan.age_groups import GROUPINGS
from ipcgan.families import FAMILIES, families_with
from ipcgan.runs.train import recipe_files, train_flags


def train_config(values: flags.FlagValues) -> config.TrainConfig:
    """Returns the settings of the flags, and of the recipe where no flag is given.

    Warns of flags without effect.

    Raises:
        app.UsageError: for a flag that the family lacks.
        config.ConfigError: if the recipe cannot be read, or the sizes cannot be.
    """
    for name in train_flags.WITHOUT_EFFECT:
        if values[name].present:
            logging.warning("--%s has no effect, as in the authors' code.", name)
    base = _base(values)
    age_groups = base.data.age_groups
    if values["age_groups"].present:
        age_groups = train_flags.AGE_GROUPS[values.age_groups]
    given = _given_fields(values, base.family)
    recipe = {name: given.pop(name) for name in base.recipe if name in given}
    return dataclasses.replace(
        base,
        data=dataclasses.replace(
            base.data,
            **{**_given(values, _names(base.data)), "age_groups": age_groups},
        ),
        run=dataclasses.replace(base.run, **_given(values, _names(base.run))),
        sizes=_sizes(base.family, {**base.sizes, **given}, age_groups),
        recipe={**base.recipe, **recipe},
        **_given(values, ("init_from", *recipe_files.TEACHERS)),
    )


def _base(values):
    """Returns what the flags change: a recipe, or a family's own numbers.

    Raises:
        app.UsageError: for a recipe of another family than --family.
    """
    resume = "resume" in values and values.resume
    if resume:
        for name in ("recipe", "checkpoint_dir"):
            if values[name].present and values[name].value != resume:
                raise app.UsageError(
                    f"--{name}={values[name].value}: --resume={resume} says it already."
                )
        base, source = recipe_files.read_run(resume), f"--resume={resume}"
    elif values.recipe:
        base, source = recipe_files.read(values.recipe), f"--recipe={values.recipe}"
    else:
        return recipe_files.default(values.family)
    if values["family"].present and values.family != base.family:
        raise app.UsageError(f"--family={values.family}: {source} is of {base.family}.")
    return base


def _given(values, names):
    """Returns {name: value} of the flags that were given."""
    return {name: values[name].value for name in names if values[name].present}


def _names(settings):
    return [field.name for field in dataclasses.fields(settings)]


def _given_fields(values, family):
    """Returns {field: value} of the recipe's and sizes' flags that were given.

    Raises:
        app.UsageError: for a flag of another family, or two of one field.
    """
    fields = sorted({name for entry in FAMILIES.values() for name in entry.fields()})
    given = _given(values, (name for name in fields if name in values))
    flag_of = {name: name for name in given}
    if values["legacy_discriminator"].present:
        if "logit_channels" in given:
            raise app.UsageError(
                "--legacy_discriminator: --logit_channels says it already."
            )
        flag_of["logit_channels"] = "legacy_discriminator"
        given["logit_channels"] = (
            train_flags.LEGACY_CHANNELS if values.legacy_discriminator else 1
        )
    for name, flag in flag_of.items():
        if family not in families_with(name):
            raise app.UsageError(
                f"--{flag}: --family={family} has no such flag; it is of "
                f"{' and '.join(families_with(name))}."
            )
    return given


def _sizes(family, sizes, age_groups):
    """Returns the networks' sizes, whole.

    Raises:
        config.ConfigError: if the sizes cannot be.
    """
    sizes = {**sizes, "num_groups": len(GROUPINGS[age_groups])}
    return dataclasses.asdict(config.from_json(FAMILIES[family].sizes, sizes))
