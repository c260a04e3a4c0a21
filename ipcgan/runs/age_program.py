"""The program behind `python test.py` and `ipcgan-age`."""

import sys

from absl import app, flags

from ipcgan import age_groups, config
from ipcgan.runs import flag_groups


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "test_data_dir", "images/test", "Folder of faces to age.", flag_values=values
    )
    flags.DEFINE_string(
        "save_dir",
        "aged",
        "Folder to write to. For NAME.jpg it gets NAME.jpg (the face as the network "
        "saw it), NAME.jpg_1.jpg for group 1 and so on, and contact_sheet.jpg.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_utkface_128",
        "Folder of the trained network: a shipped one, or that of a training.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "batch_size",
        32,
        "Images that go through the network together.",
        lower_bound=1,
        upper_bound=1024,
        flag_values=values,
    )
    flags.DEFINE_list(
        "groups",
        ["1", "2", "3", "4"],
        "Age groups to age to, by number or name: "
        + ", ".join(f"{i} is {name}" for i, name in enumerate(age_groups.NAMES))
        + ".",
        flag_values=values,
    )
    flags.DEFINE_string(
        "train_data_dir",
        "",
        "For old weights only: a folder of training faces that are put into one batch "
        "with each face, whose batch normalization then depends on them, as in the "
        "authors' release.",
        flag_values=values,
    )


def age_config(values: flags.FlagValues) -> config.AgeConfig:
    """The only place where flags become a config."""
    groups = [age_groups.group_of_name(name.strip()) for name in values.groups]
    if None in groups or not groups:
        raise app.UsageError(
            f"--groups={','.join(values.groups)}: expected numbers from 0 to "
            f"{len(age_groups.NAMES) - 1} or names of {', '.join(age_groups.NAMES)}."
        )
    return config.AgeConfig(
        test_data_dir=values.test_data_dir,
        save_dir=values.save_dir,
        checkpoint_dir=values.checkpoint_dir,
        batch_size=values.batch_size,
        groups=tuple(dict.fromkeys(groups)),  # Each once, in the order asked for.
        companions_dir=values.train_data_dir,
    )


def main(argv):
    """Ages the folder and says what became of it; status 1 if a file was left out."""
    if len(argv) > 1:
        raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
    settings = age_config(flags.FLAGS)
    from ipcgan.runs import ageing, command  # Slow: they import the backend.

    result = command.run(ageing.age_folder, settings)
    print(f"{len(result.aged)} faces aged, written to {settings.save_dir}")
    if result.sheet:
        shown = min(len(result.aged), ageing.MAX_SHEET_ROWS)
        print(f"Contact sheet of {shown} faces: {result.sheet}")
    if result.left_out:
        print(f"{len(result.left_out)} files left out:")
        for path, reason in result.left_out:
            print(f"  {path}: {reason}")
        sys.exit(1)


def run():
    """Entry point of `ipcgan-age`."""
    define_flags()
    flag_groups.show_in_help(flags.FLAGS, sys.argv[0])
    app.run(main)
