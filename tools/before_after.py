"""Writes images/photo.jpg: a photograph between its younger and older version."""

from pathlib import Path

from absl import app, flags

from ipcgan import config
from ipcgan.data.records import DataError
from ipcgan.runs import cli, folders
from ipcgan.runs.age import checks


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "photo",
        "",
        "Photograph; by default NASA's portrait of Eileen Collins, which scikit-image "
        "brings.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "save_path", "images/photo.jpg", "Picture to write.", flag_values=values
    )
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_128",
        "Folder of the trained network.",
        flag_values=values,
    )
    flags.DEFINE_list(
        "groups",
        ["11-20", "51+"],
        "Names of two age groups; the younger comes left.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "height",
        400,
        "Rows to keep, from the top; 0: all.",
        lower_bound=0,
        flag_values=values,
    )


def check(values: flags.FlagValues) -> None:
    """Raises an expected error if something that the flags name is not there."""
    if values.photo and not Path(values.photo).is_file():
        raise DataError(f"--photo={values.photo}: no such file.")
    asked = config.AgeConfig("", "", values.checkpoint_dir, groups=tuple(values.groups))
    checks.check_groups(asked)
    folders.check_writable(str(Path(values.save_path).parent), "save_path")


def main(argv):
    """Writes the picture."""
    values = flags.FLAGS
    if len(values.groups) != 2:
        raise app.UsageError(f"--groups: expected two, got {values.groups}.")
    cli.run(check, values)
    from ipcgan.runs.age import before_after  # Slow: it imports OpenCV.

    lines = cli.run(
        before_after.write,
        values.photo,
        values.save_path,
        values.checkpoint_dir,
        values.groups,
        values.height,
    )
    cli.show("\n".join(lines))


if __name__ == "__main__":
    cli.program(main, define_flags)
