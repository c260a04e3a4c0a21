"""Ages pictures by the thousand or million, on Ray: on this machine or on a cluster.

Every flag of test.py that says how faces are found, aged and marked works here too
(--checkpoint_dir, --groups, --ages, --strength, --engine, --label, ...), as --helpfull
lists them. The same command again goes on where a run ended.
"""

import sys

from absl import flags

from ipcgan import config
from ipcgan.runs import cli
from ipcgan.runs.age import age_program
from ipcgan.runs.many import cluster

_MOST_LINES = 20  # of pictures that were left out.


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "input",
        None,
        "Pictures: a file, a folder with all below it, or a pattern such as "
        "'photos/**/*.jpg'; of this machine, or as s3://BUCKET/FOLDER, "
        "gs://BUCKET/FOLDER.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_string(
        "output",
        None,
        "Folder to write to, of this machine or in such a store: what test.py writes "
        "for each picture, and report.parquet of all of them.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_string(
        "address",
        "",
        "HOST:PORT of a Ray cluster, or auto: the one that this machine belongs to. By "
        "default Ray is started on this machine, and ended with the run.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "actors",
        0,
        "Engines that work at the same time; 0: as many as there are cores for.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "threads",
        1,
        "Cores that each of them has.",
        lower_bound=1,
        flag_values=values,
    )
    age_program.define_ageing(values)


def age_config(values: flags.FlagValues) -> config.AgeConfig:
    """Returns what the flags say, as test.py has it."""
    return config.AgeConfig(
        test_data_dir=values.input,
        save_dir=values.output,
        **age_program.ageing_values(values),
    )


def _age_many(values, settings):
    cluster.check(values.address)
    from ipcgan.runs.many import age_many  # Needs PyArrow, which comes with Ray.

    return age_many.age_many(
        settings,
        address=values.address,
        actors=values.actors,
        threads=values.threads,
    )


def main(_):
    """Ages the pictures and says what became of them; status 1 if any was left out."""
    values = flags.FLAGS
    settings = cli.run(age_config, values)
    result = cli.run(_age_many, values, settings)
    cli.show(
        f"{result.aged} pictures aged, {result.skipped} aged before; all are in "
        "report.parquet"
    )
    if not result.left_out:
        return
    cli.show(f"{len(result.left_out)} pictures left out:")
    for name, reason in result.left_out[:_MOST_LINES]:
        cli.show(f"  {cli.printable(name)}: {cli.printable(reason)}")
    sys.exit(1)


if __name__ == "__main__":
    cli.program(main, define_flags, shared_in_help=False)
