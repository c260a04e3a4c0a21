"""Measures the mean landmarks of training faces, to align photographs by."""

from absl import app, flags

from ipcgan import config
from ipcgan.inference import config_values
from ipcgan.runs import cli, folders, shared_flags


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    shared_flags.define_folder(config.DataConfig(), values)
    flags.DEFINE_integer(
        "num_faces", 500, "Faces to measure.", lower_bound=1, flag_values=values
    )
    flags.DEFINE_string(
        "checkpoint_dir",
        "",
        "Folder whose config.json gets the template; empty: it is only printed.",
        flag_values=values,
    )


def main(argv):
    """Prints the template, and stores it where asked."""
    values = flags.FLAGS
    if not values.root_folder:
        raise app.UsageError("--root_folder is needed: the training faces.")
    cli.run(folders.check_faces, values.root_folder)
    if values.checkpoint_dir:
        cli.run(config_values.find, values.checkpoint_dir)
    from ipcgan.runs.weights import measure_template  # Slow: it imports OpenCV.

    lines = cli.run(
        measure_template.measure,
        values.dataset,
        values.root_folder,
        values.num_faces,
        values.checkpoint_dir,
    )
    cli.show("\n".join(lines))


if __name__ == "__main__":
    cli.program(main, define_flags)
