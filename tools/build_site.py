"""Builds the page without a server: a folder that any web host can serve."""

import subprocess
import sys
from pathlib import Path

from absl import flags

from ipcgan.runs import cli

ROOT = Path(__file__).parents[1]
_PACKAGES = ROOT / "build" / "npm"
_MEGABYTE = 1e6  # bytes


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "save_dir",
        "site",
        "Folder to write the site to; an older site there is replaced.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_128",
        "Folder of the generator that ages faces.",
        flag_values=values,
    )


def build(save_dir: str, checkpoint_dir: str) -> list[str]:
    """Exports the generator if need be, and builds the site.

    Returns:
        Lines of text: the files, and how much is sent before the first face.

    Raises:
        CheckpointError, MissingWeightsError, OSError: as ipcgan.web.site.build does.
        subprocess.CalledProcessError: if the export fails, which says why.
    """
    from ipcgan import checkpoints  # Slow, as is what is imported below.
    from ipcgan.inference import config_values, engines
    from ipcgan.web.site import build as site

    try:
        engines.open_generator(config_values.find(checkpoint_dir), "onnx")
    except checkpoints.CheckpointError:
        export = [sys.executable, "tools/export.py"]
        command = [*export, f"--checkpoint_dir={checkpoint_dir}"]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
    written = site.build(Path(save_dir), checkpoint_dir, _PACKAGES)
    large = [file for file in written if file.sent >= _MEGABYTE / 10]
    first = sum(file.sent for file in written if file.first)
    return [
        *(f"{file.sent / _MEGABYTE:6.2f} MB  {file.path}" for file in large),
        f"{first / _MEGABYTE:6.2f} MB  before the first face, compressed",
        f"written: {save_dir}",
    ]


def main(argv):
    """Builds."""
    values = flags.FLAGS
    cli.show("\n".join(cli.run(build, values.save_dir, values.checkpoint_dir)))


if __name__ == "__main__":
    cli.program(main, define_flags)
