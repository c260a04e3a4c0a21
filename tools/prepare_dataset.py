"""Writes lists of a data set's faces: train, validation, test, each by age group."""

from absl import flags

from ipcgan.age_groups import GROUPINGS
from ipcgan.data import split_lists
from ipcgan.runs import cli, folders, shared_flags


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    shared_flags.define_dataset("utkface", values)
    flags.DEFINE_string(
        "root_folder",
        None,
        "Folder of the images; only read.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_string(
        "save_dir",
        None,
        "Where the lists go, outside --root_folder. Each can be trained on with "
        "--source_file: train.txt, train_age_group_0.txt (11-20) to "
        "train_age_group_4.txt (51+), and the same for validation and test.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_enum(
        "age_groups",
        "cacd",
        list(GROUPINGS),
        "cacd: the five of IPCGAN. published: the six of Age-cGAN, 0-18 to 60+. "
        "ffhq_aging: the ten of RAGAN, 0-2 to 70+.",
        flag_values=values,
    )


def main(argv):
    """Lists the faces; what is wrong with them ends the program with status 1."""
    values = flags.FLAGS
    cli.run(folders.check_there, values.root_folder, "root_folder")
    cli.run(
        split_lists.write_lists,
        values.dataset,
        values.root_folder,
        values.save_dir,
        GROUPINGS[values.age_groups],
    )


if __name__ == "__main__":
    cli.program(main, define_flags)
