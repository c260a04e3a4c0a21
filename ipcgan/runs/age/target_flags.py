"""The flags of which ages faces are shown at, and how strongly they change."""

from typing import Any

from absl import app, flags

from ipcgan import config
from ipcgan.age_groups import GROUPINGS
from ipcgan.inference import mixing
from ipcgan.runs import shared_flags
from ipcgan.runs.age.targets import DIFFERENCE


def define(values: flags.FlagValues) -> None:
    """Declares the flags in `values`."""
    flags.DEFINE_list(
        "groups",
        [],
        "Age groups to age to, by number or name; by default all, but for "
        f"{_named(GROUPINGS['cacd'])} the four older ones. Age-cGAN has "
        f"{_named(GROUPINGS['published'])}, RAGAN {_named(GROUPINGS['ffhq_aging'])}.",
        flag_values=values,
    )
    flags.DEFINE_list(
        "ages",
        [],
        "Ages in years to age to instead, such as 25,37,70, mixed of the groups around "
        "them; or years from each face's own age, such as +20,-10. IPCGAN takes ages "
        f"from 11 to {mixing.OLDEST}, the others from {mixing.YOUNGEST}.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "source_age",
        None,
        "The own age of all faces, in years, for --ages=+20; by default "
        "--age_pretrained_model predicts each face's.",
        lower_bound=mixing.YOUNGEST,
        upper_bound=mixing.OLDEST,
        flag_values=values,
    )
    flags.DEFINE_string(
        "age_pretrained_model",
        config.AgeConfig.age_pretrained_model,
        "Folder of the face network that predicts the faces' own ages for --ages=+20; "
        "it needs Keras, whatever the --engine.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "strength",
        config.AgeConfig.strength,
        "How strongly faces change: 0 leaves them as they are, 1 is what the network "
        "makes of them, 2 twice that change.",
        lower_bound=0.0,
        upper_bound=config.MAX_STRENGTH,
        flag_values=values,
    )


def _named(groups):
    return ", ".join(f"{i} ({name})" for i, name in enumerate(groups.names))


def settings(values: flags.FlagValues) -> dict[str, Any]:
    """Returns what the flags say, as fields of an AgeConfig.

    Raises:
        app.UsageError: for what no network could be asked for.
    """
    groups = [_group(name.strip()) for name in values.groups]
    if None in groups:
        raise app.UsageError(
            f"--groups={','.join(values.groups)}: expected numbers or names of "
            + ", or of ".join(_named(groups) for groups in GROUPINGS.values())
            + "."
        )
    ages = _ages(values.ages)
    if groups and ages:
        raise app.UsageError("--ages comes without --groups")
    if values.source_age is not None and not (ages and isinstance(ages[0], str)):
        raise app.UsageError(
            f"--source_age={values.source_age}: goes with years from the faces' own "
            "age, such as --ages=+20"
        )
    return {
        "groups": tuple(dict.fromkeys(groups)),  # Each once, in the order asked for.
        "ages": ages,
        "source_age": values.source_age,
        "age_pretrained_model": values.age_pretrained_model,
        "strength": values.strength,
    }


def _group(text):
    """Returns a number, or a name of any grouping; None for anything else."""
    if not any(g.group_of_name(text) is not None for g in GROUPINGS.values()):
        return None
    return int(text) if text.isdecimal() else text


def _ages(texts):
    """Returns what --ages says, each age once: years, or differences as texts."""
    texts = [text.strip() for text in texts]
    differences = [text for text in texts if DIFFERENCE.fullmatch(text)]
    if not differences:
        return shared_flags.whole_years(texts)
    if len(differences) < len(texts):
        raise app.UsageError(
            f"--ages={','.join(texts)}: expected either years, such as 25,37,70, or "
            "years from each face's own age, from -99 to +99, such as +20,-10."
        )
    return tuple(dict.fromkeys(differences))
