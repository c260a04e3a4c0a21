"""Builds the wheel and the source archive, with what ageing needs in them."""

import shutil
import subprocess
import sys
from pathlib import Path

from absl import flags

from ipcgan.runs import cli

ROOT = Path(__file__).parents[1]
FAMILIES = ("ipcgan", "ragan")  # that age without Keras; see also setup.py.


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "save_dir", "dist", "Folder to write the two files to.", flag_values=values
    )


def copy_landmarks() -> None:
    """Copies dlib's landmarks and their licence into the package.

    They are 9 of the 126 MB of face-recognition-models, which ageing alone needs not.

    Raises:
        photos.MissingWeightsError: if that package is not installed.
    """
    from ipcgan import photos  # Slow: it imports OpenCV.
    from ipcgan.photos import weights

    target = Path(weights.__file__).with_name(weights.LANDMARKS)
    shutil.copyfile(photos.dlib_models() / weights.LANDMARKS, target)
    licence = weights.landmarks_licence()
    target.with_suffix(".LICENSE").write_text(licence, encoding="utf-8")


def build(save_dir: str) -> None:
    """Exports the networks and builds both files.

    Raises:
        subprocess.CalledProcessError: if a step fails, which says why.
    """
    for family in FAMILIES:
        for folder in sorted((ROOT / "checkpoints").glob(f"{family}_*")):
            _run("tools/export.py", f"--checkpoint_dir={folder.relative_to(ROOT)}")
    copy_landmarks()
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # Files of before would stay.
    _run("-m", "build", "--quiet", f"--outdir={Path(save_dir).absolute()}")


def _run(*arguments):
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)  # noqa: S603


def main(argv):
    """Builds."""
    cli.run(build, flags.FLAGS.save_dir)


if __name__ == "__main__":
    cli.program(main, define_flags)
