"""The README's picture: a photograph between its younger and older version."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ipcgan import config
from ipcgan.data import images, marks
from ipcgan.data.records import DataError
from ipcgan.runs.age import age_folder


def write(
    photo: str, save_path: str, checkpoint_dir: str, groups: Sequence[str], height: int
) -> list[str]:
    """Ages a photograph to two groups and joins what test.py writes to one picture.

    Args:
        photo: image file; "" for NASA's portrait of Eileen Collins, 512x512, which
            scikit-image brings.
        save_path: image file to write.
        checkpoint_dir: folder of the trained network.
        groups: names of the two groups; the younger comes left of the photograph.
        height: rows to keep, from the top; 0: all.

    Returns:
        Lines of text.

    Raises:
        DataError: if the photograph cannot be read or has no face, or the checkpoint
            has no such groups.
    """
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "photo" / "photo.png"
        source.parent.mkdir()
        before = _portrait() if not photo else _read(photo)
        images.write_image(source, before)
        result = age_folder.age_folder(
            config.AgeConfig(
                str(source.parent),
                f"{name}/aged",
                checkpoint_dir,
                groups=tuple(groups),
                align="always",
                engine="auto",
            )
        )
        if result.left_out:
            raise DataError(f"{photo}: {result.left_out[0][1]}")
        left, right = (
            images.read_image(path)
            for path in sorted(Path(name, "aged").glob("photo.png_*.png"))
        )
    picture = np.concatenate([left, before, right], axis=1)[: height or None]
    images.write_image(save_path, picture, marks.AGED)
    return [f"Wrote {save_path}, by {result.engine}"]


def _read(photo):
    try:
        return images.read_image(photo)
    except images.ImageError as error:
        raise DataError(str(error)) from error


def _portrait():
    try:
        from skimage import data
    except ImportError as error:
        raise DataError(
            "The portrait comes with scikit-image: pip install scikit-image, or name "
            "another --photo."
        ) from error
    return data.astronaut()
