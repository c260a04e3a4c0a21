"""Compares a built site with Python: the same photographs, aged by both."""

from pathlib import Path

import numpy as np
from absl import flags

from ipcgan.runs import cli


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "test_data_dir", "images/test", "Folder of photographs.", flag_values=values
    )
    flags.DEFINE_string(
        "site_dir", "site", "Folder that tools/build_site.py wrote.", flag_values=values
    )
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_128",
        "Folder of the generator that the site was built with.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "count", 20, "Photographs, evenly from the folder.", 1, flag_values=values
    )
    flags.DEFINE_list(
        "ages", "20,35,50,65,80", "Years that they are aged to.", flag_values=values
    )


def compare(values: flags.FlagValues) -> list[str]:
    """Returns a line for each photograph, and one for all."""
    from ipcgan.runs.age.files import files_below  # Slow, as what is below.
    from ipcgan.runs.age.photo_ager import PhotoAger
    from ipcgan.web.site import comparison

    paths, _ = files_below(Path(values.test_data_dir), "--test_data_dir")
    places = np.linspace(0, len(paths) - 1, min(values.count, len(paths)))
    ager = PhotoAger(values.checkpoint_dir, engine="onnx")
    chosen = [paths[round(place)] for place in places]
    years = [int(age) for age in values.ages]
    with comparison.opened(Path(values.site_dir)) as page:
        found = comparison.compare(page, ager, chosen, years)
    means = [difference.mean for difference in found]
    seconds = [difference.seconds for difference in found]
    lines = [
        f"mean {d.mean:.2f}, largest {d.largest}, {d.seconds:.2f} s a face: {d.name}"
        for d in found
    ]
    return [
        *lines,
        f"{len(found)} photographs, levels of 255 over the faces: mean "
        f"{np.mean(means):.2f}, worst photograph {max(means):.2f}; "
        f"median {np.median(seconds):.2f} s a face",
    ]


def main(argv):
    """Prints the differences."""
    cli.show("\n".join(cli.run(compare, flags.FLAGS)))


if __name__ == "__main__":
    cli.program(main, define_flags)
