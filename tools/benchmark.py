"""Measures speeds: `benchmark.py NAME`.

train: recipes, in faces a second, and where the time goes. data: the input pipeline,
compared with what training steps consume. age: the network by every engine, compared
with the machine's limit. job: photographs from file to file. many: the same on Ray, by
one actor and by two. start: one picture, with the start of the program, and its memory.
search: latent vectors of faces, of a network that ages by them. judges: one panel of
judges of aged faces, and both. detect: how many faces are found in photographs,
upright, turned and small, and how fast. scale: training in one process, and in two,
each on a core of its own. torch: a step of `published` beside the same step in PyTorch,
which must be installed.
"""

import importlib.util

from absl import app, flags

from ipcgan import config
from ipcgan.inference import config_values
from ipcgan.runs import cli, folders
from ipcgan.runs.train import recipe_files


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_list(
        "recipes",
        ["published", "portrait"],
        "train, scale: recipes, as --recipe of age_lsgan_transfer.py has them, divided "
        "by commas; of scale the first.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "root_folder",
        "",
        "data, search: UTKFace folder; by default drawn faces. detect: folder of "
        "photographs of one upright head each; by default one of Grace Hopper.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "alexnet_pretrained_model",
        config.TrainConfig.alexnet_pretrained_model,
        "data: folder of the face AlexNet.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "batch_size",
        8,
        "data, torch: faces per step.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_128",
        "age, job, many, start, search: folder of the trained network; age compares "
        "what tools/export.py wrote there, search needs an Age-cGAN.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "engine",
        "auto",
        config.ENGINES,
        "job, many, start: what computes the network.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "rounds",
        5,
        "age, train, scale, torch: how often each engine, recipe or step is measured; "
        "the median counts. Five take minutes on two cores. many: the best counts.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_photos",
        100,
        "job, many: photographs.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_faces",
        32,
        "search: faces, all searched together. judges: faces to look at. detect: heads "
        "to find.",
        lower_bound=1,
        flag_values=values,
    )


_NAMES = (
    *("train", "data", "age", "job", "many", "start", "search", "judges", "detect"),
    *("scale", "torch"),
)


def check(name: str, values: flags.FlagValues) -> None:
    """Raises an expected error if something that a benchmark needs is not there."""
    if name in ("age", "job", "many", "start", "search"):
        config_values.find(values.checkpoint_dir)
    for recipe in values.recipes if name in ("train", "scale") else ():
        recipe_files.read(recipe)
    if name == "torch" and importlib.util.find_spec("torch") is None:
        raise config.ConfigError("PyTorch is not installed: pip install torch.")
    if values.root_folder and name == "detect":
        folders.check_there(values.root_folder, "root_folder")
    if values.root_folder and name in ("data", "search"):
        folders.check_faces(values.root_folder)


def main(argv):
    """Prints the lines of one benchmark."""
    if len(argv) != 2 or argv[1] not in _NAMES:
        raise app.UsageError(f"Name one benchmark: {', '.join(_NAMES)}")
    values = flags.FLAGS
    name, folder = argv[1], values.checkpoint_dir
    cli.run(check, name, values)
    if name == "many":
        from ipcgan.runs.many import cluster

        cli.run(cluster.check, "")
        from ipcgan.runs.benchmark import many_speed  # Needs PyArrow.

        arguments = (folder, values.engine, values.num_photos, values.rounds)
        lines = cli.run(many_speed.actors_compared, *arguments)
    elif name == "start":
        from ipcgan.runs.benchmark import start_speed

        lines = cli.run(start_speed.cold_starts, folder, values.engine)
    elif name == "scale":
        from ipcgan.runs.benchmark import scale_speed

        recipe = values.recipes[0]
        lines = cli.run(scale_speed.processes_compared, recipe, values.rounds)
    elif name == "torch":
        from ipcgan.runs.benchmark import torch_speed  # Needs PyTorch.

        arguments = (values.batch_size, values.rounds)
        lines = cli.run(torch_speed.steps_compared, *arguments)
    else:
        # Slow: they import the backend.
        from ipcgan.runs.benchmark import (
            age_speed,
            data_speed,
            face_search,
            judge_speed,
            search_speed,
            train_speed,
        )

        runs = {
            "data": (
                data_speed.data,
                values.root_folder,
                values.alexnet_pretrained_model,
                values.batch_size,
            ),
            "train": (train_speed.recipes_compared, values.recipes, values.rounds),
            "age": (age_speed.engines_compared, folder, values.rounds),
            "job": (age_speed.whole_job, folder, values.engine, values.num_photos),
            "search": (
                search_speed.searches_timed,
                folder,
                values.root_folder,
                values.num_faces,
            ),
            "detect": (
                face_search.search_measured,
                values.root_folder,
                values.num_faces,
            ),
            "judges": (judge_speed.panels_compared, values.num_faces),
        }
        lines = cli.run(*runs[name])
    cli.show("\n".join(lines))


if __name__ == "__main__":
    cli.program(main, define_flags, takes_arguments=True)
