"""The program behind `python test.py` and `ipcgan-age`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from absl import app, flags

from ipcgan import config
from ipcgan.data import sources
from ipcgan.runs import cli, shared_flags
from ipcgan.runs.age import checks, choice, files, mark_flags, target_flags


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "test_data_dir",
        "images/test",
        "Folder of photographs, or of faces cut out before, searched with all folders "
        "below it; or files, separated by commas. Both may be given without the flag's "
        "name. Files of several folders are written to as many folders below "
        "--save_dir.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "save_dir",
        "aged",
        "Folder to write to. It gets NAME.jpg_1.jpg for group 1 and so on (NAME.png_1"
        ".png of a PNG file): the whole photograph, with all that was in the file, or "
        "the aged face where the input was cut out before. NAME.jpg is "
        "the face as the network saw it; for photographs it lies in crops/, with the "
        "aged faces. contact_sheet.jpg shows all faces, and report.json lists the "
        "result for every file.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "skip_existing",
        False,
        "Leave out files whose outputs are in --save_dir already, by their names.",
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
    define_ageing(values)


def define_ageing(values: flags.FlagValues) -> None:
    """Declares how faces are found, aged and marked, wherever they come from."""
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_128",
        "Folder of the trained network: a shipped one, or a training run's.",
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
    target_flags.define(values)
    _define_photos(values)
    shared_flags.define_inversion(values)
    flags.DEFINE_enum(
        "dataset",
        config.AgeConfig.dataset,
        sorted(sources.READERS),
        "How files' names tell the faces' own age groups, which that search needs; see "
        "age_lsgan_transfer.py. Where a name does not, the face AlexNet predicts the "
        "group, and report.json says so.",
        flag_values=values,
    )
    _define_way(values)
    mark_flags.define_marks(values)


def _define_way(values):
    """Declares how the work is done, and what is written besides the faces."""
    flags.DEFINE_enum(
        "engine",
        "auto",
        config.ENGINES,
        "What computes the network. auto: the fastest that is installed and that "
        "tools/export.py wrote the network for, else keras.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "animate",
        False,
        "Write NAME.jpg.gif too, from the youngest to the oldest.",
        flag_values=values,
    )


def _define_photos(values):
    """Declares how faces are found in photographs and put back."""
    flags.DEFINE_enum(
        "align",
        "auto",
        config.ALIGN_CHOICES,
        "What is taken for a photograph, in which faces are looked for. auto: all but "
        "pictures that are about square and at most twice the network's size, or whose "
        "face lies as in the training faces; these are aged as they are.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "detector",
        config.AgeConfig.detector,
        "What finds faces in photographs: yunet, at any angle, or another that "
        "DeepFace has, such as mtcnn, retinaface, centerface or opencv, all of whose "
        "faces are taken to be upright. The error for a missing one says what to "
        "install.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "face",
        config.AgeConfig.face,
        "Which faces of a photograph to age: largest, all, a number in "
        "NAME.jpg_faces.jpg, which a photograph with several faces gets (1 is the "
        "largest), or LEFT,TOP, a pixel of the upright photograph: the face there, or "
        "the nearest.",
        flag_values=values,
    )


def age_config(
    values: flags.FlagValues, arguments: Sequence[str] = ()
) -> config.AgeConfig:
    """The only place where flags become a config.

    Args:
        values: the flags.
        arguments: a folder or files instead of --test_data_dir.

    Raises:
        app.UsageError: for what cannot be asked for.
        DataError: if a file that is named is missing.
    """
    if arguments and values["test_data_dir"].present:
        raise app.UsageError(
            f"{arguments[0]}: --test_data_dir={values.test_data_dir} says it already"
        )
    folder, names = files.folder_and_names(arguments or _separate(values.test_data_dir))
    return config.AgeConfig(
        test_data_dir=folder,
        files=names,
        save_dir=values.save_dir,
        companions_dir=values.train_data_dir,
        skip_existing=values.skip_existing,
        **ageing_values(values),
    )


def ageing_values(values: flags.FlagValues) -> dict[str, Any]:
    """Returns the flags of define_ageing as AgeConfig has them.

    Raises:
        app.UsageError: for what cannot be asked for.
    """
    try:
        choice.check(values.face)
    except config.ConfigError as error:
        raise app.UsageError(str(error)) from error
    return {
        "checkpoint_dir": values.checkpoint_dir,
        "batch_size": values.batch_size,
        "align": values.align,
        "detector": values.detector,
        "face": values.face,
        "engine": values.engine,
        "animate": values.animate,
        "dataset": values.dataset,
        "inversion": shared_flags.inversion_config(values),
        **target_flags.settings(values),
        **mark_flags.mark_values(values),
    }


def _separate(text):
    """Returns the names that commas separate; a name may have a comma of its own."""
    return [text] if Path(text).exists() else text.split(",")


def main(argv):
    """Ages the folder and prints the result; status 1 if anything is missing."""
    settings = cli.run(age_config, flags.FLAGS, argv[1:])
    cli.run(checks.check, settings)
    from ipcgan.runs.age import age_folder, summary  # Slow: they import OpenCV.

    result = cli.run(age_folder.age_folder, settings)
    for line in summary.lines(result, settings.save_dir):
        cli.show(line)
    if result.left_out or result.unwritten:
        sys.exit(1)


def run():
    """Entry point of `ipcgan-age`."""
    cli.program(main, define_flags, takes_arguments=True)


if __name__ == "__main__":
    run()
