"""What age_lsgan_transfer.py --help and --help_recipe print."""

import re
import sys
import textwrap
from collections.abc import Sequence

from absl import flags

from ipcgan.families import FAMILIES, families_with, fields
from ipcgan.runs.train import recipe_files, train_flags

_WIDTH, _COLUMN = 88, 19  # characters of a line, and of the names before the texts.
_HELP = {
    f"{dashes}{name}" for dashes in ("-", "--") for name in ("?", "help", "helpshort")
}
# The flags that --help shows; what each family can do is --help_recipe's to tell.
_ESSENTIAL = {
    "What to train": ("family", "recipe", "init_from"),
    "Faces": ("root_folder", "dataset", "age_groups", "image_size"),
    "The training run": (
        "checkpoint_dir",
        "resume",
        "max_steps",
        "batch_size",
        "mixed_precision",
        "dry_run",
    ),
}


def parse(arguments: Sequence[str], about: str) -> list[str]:
    """Parses the flags of a program; prints `essentials` and ends where --help is.

    Args:
        arguments: sys.argv; see cli.program's `parse`.
        about: what the program does.

    Returns:
        The arguments that are no flags.
    """
    if _HELP.intersection(arguments[1:]):
        print(about, essentials(flags.FLAGS), sep="\n")
        sys.exit()
    return flags.FLAGS(arguments)


def essentials(values: flags.FlagValues) -> str:
    """Returns the flags that most training runs need, in groups, in a few words each.

    Args:
        values: with the flags of train_flags.define.
    """
    lines = []
    for group, names in _ESSENTIAL.items():
        lines += ["", f"{group}:"]
        for name in names:
            lines += _entry(f"--{name}", _in_short(values[name]))
    lines += ["", "Recipes that ship:"]
    for name, text in recipe_files.shipped().items():
        lines += _entry(name, text)
    lines += ["", "More:"]
    lines += _entry("--help_recipe", _in_short(values["help_recipe"]))
    lines += _entry("--helpfull", "Every flag that there is, with all of its help.")
    return "\n".join(lines)


def recipe(family: str) -> str:
    """Returns every field of a family's recipe and sizes, in groups, with its default.

    Args:
        family: a key of FAMILIES.
    """
    lines = textwrap.wrap(
        f"Every number of {family}'s recipe and networks, with its default. Each can "
        "be given as a flag, --NAME=VALUE (--NAME or --noNAME where the default is "
        "True or False), or in a recipe file, --recipe=FILE.json; "
        f"--family={family} --dry_run prints such a file.",
        _WIDTH,
    )
    for group in fields.GROUPS:
        found = [
            field
            for field in FAMILIES[family].fields().values()
            if field.metadata["group"] == group
        ]
        if found:
            lines += ["", f"{group}:"]
        for field in found:
            lines += _described(field)
    return "\n".join(lines)


def _described(field):
    """Returns lines: a field's name, default and choices, and its help."""
    choices = "|".join(field.metadata["choices"])
    named = f"  {field.name} = {field.default}"
    text = textwrap.wrap(field.metadata["help"], _WIDTH - 6)
    return [
        f"{named} ({choices})" if choices else named,
        *(f"      {line}" for line in text),
    ]


def _in_short(flag):
    """Returns the first sentence of a flag's help, and its default."""
    text = re.sub(r"^<.*?>: ", "", flag.help)  # absl's list of choices.
    text = text.split(". ")[0].rstrip(".")
    of_families = families_with(flag.name)
    if of_families:
        text += train_flags.by_family(
            {name: FAMILIES[name].fields()[flag.name].default for name in of_families}
        )
    elif flag.default and "by default" not in text:
        text += f"; by default {flag.default}"
    return f"{text}."


def _entry(name, text):
    lines = textwrap.wrap(text, _WIDTH - _COLUMN - 3)
    return [
        f"  {name if not number else '':{_COLUMN}} {line}"
        for number, line in enumerate(lines)
    ]
