"""Measures speeds: `benchmark.py data` the input of a training, `age` the ageing."""

from absl import app, flags


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "root_folder",
        "",
        "data: UTKFace folder; by default drawn faces.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "alexnet_pretrained_model",
        "checkpoints/face_alexnet",
        "data: folder of the face AlexNet.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "batch_size", 8, "data: faces per step.", lower_bound=1, flag_values=values
    )
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_utkface_128",
        "age: folder of the trained network.",
        flag_values=values,
    )


def main(argv):
    """Prints the lines of one benchmark."""
    if len(argv) != 2 or argv[1] not in ("data", "age"):
        raise app.UsageError("Name one benchmark: data or age.")
    values = flags.FLAGS
    from ipcgan.runs import benchmarking, command  # Slow: they import the backend.

    if argv[1] == "data":
        lines = command.run(
            benchmarking.data,
            values.root_folder,
            values.alexnet_pretrained_model,
            values.batch_size,
        )
    else:
        lines = command.run(benchmarking.age, values.checkpoint_dir)
    print("\n".join(lines))


if __name__ == "__main__":
    define_flags()
    app.run(main)
