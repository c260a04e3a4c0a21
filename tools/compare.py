"""Ages the same unseen faces by several networks and prints one table of figures."""

from absl import app, flags

from ipcgan import config
from ipcgan.inference import config_values
from ipcgan.runs import cli, shared_flags
from ipcgan.runs.evaluate import checks


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    default = config.EvaluateConfig()
    shared_flags.define_folder(default, values)
    flags.DEFINE_list(
        "checkpoint_dirs",
        None,
        "Folders of the networks, separated by commas.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_string(
        "report_dir",
        default.report_dir,
        "Folder for comparison.html, comparison.md and comparison.json.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "split",
        default.split,
        ["validation", "test"],
        "Which faces of --root_folder.",
        flag_values=values,
    )
    for name, least, text in (
        ("num_faces", 2, "How many faces to age."),
        ("seed", 0, "Seed of their draw."),
    ):
        flags.DEFINE_integer(
            name, getattr(default, name), text, lower_bound=least, flag_values=values
        )
    shared_flags.define_inversion(values)


def compare_config(values: flags.FlagValues) -> config.EvaluateConfig:
    """Returns on which faces the networks are compared.

    Raises:
        app.UsageError: if no data set is named.
    """
    if not values.root_folder:
        raise app.UsageError("--root_folder: expected the folder of a data set.")
    return config.EvaluateConfig(
        report_dir=values.report_dir,
        dataset=values.dataset,
        root_folder=values.root_folder,
        split=values.split,
        num_faces=values.num_faces,
        seed=values.seed,
        inversion=shared_flags.inversion_config(values),
    )


def main(argv):
    """Parses nothing itself; hands the config to the run and prints its table."""
    settings, networks = compare_config(flags.FLAGS), flags.FLAGS.checkpoint_dirs
    for folder in networks:
        cli.run(config_values.find, folder)
    cli.run(checks.check_faces_and_report, settings)
    from ipcgan.runs.evaluate import compare  # Slow: it imports the backend.

    cli.show(cli.run(compare.compare, networks, settings))


if __name__ == "__main__":
    cli.program(main, define_flags)
