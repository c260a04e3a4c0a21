"""Faces -> pictures, for people to look at."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_MARGIN = 4  # pixels between faces.
_SMALLEST_LETTERS = 12  # pixels of height.
_LABEL = 20  # pixels of height for a line of text.


def contact_sheet(
    rows: Sequence[Sequence[np.ndarray]], columns: Sequence[str], blocks: int = 1
) -> np.ndarray:
    """Lays faces out in a grid with a label above each column.

    Args:
        rows: faces [S, S, 3] uint8, of one size, as many per row as `columns`.
        columns: the labels, such as "input" and "21-30".
        blocks: how many rows stand side by side, to keep a long sheet in shape.

    Returns:
        [H, W, 3] uint8 on white.

    Raises:
        ValueError: if there is no row, or a row of another length.
    """
    if not rows or any(len(row) != len(columns) for row in rows):
        raise ValueError(f"Every row must have {len(columns)} faces, at least one row.")
    size = rows[0][0].shape[0]
    cell = size + _MARGIN
    lines = -(-len(rows) // blocks)
    block_width = len(columns) * cell + 2 * _MARGIN
    sheet = Image.new("RGB", (blocks * block_width, _LABEL + lines * cell), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=max(10, min(15, size // 6)))
    for block in range(blocks):
        for column, label in enumerate(columns):
            left = block * block_width + _MARGIN + column * cell
            draw.text((left + size / 2, 2), label, "black", font, anchor="ma")
    for index, row in enumerate(rows):
        block, line = divmod(index, lines)
        for column, face in enumerate(row):
            left = block * block_width + _MARGIN + column * cell
            sheet.paste(Image.fromarray(face), (left, _LABEL + line * cell))
    return np.asarray(sheet)


def with_label(image: np.ndarray, text: str) -> np.ndarray:
    """Returns an image with a few letters in its lower right corner, to be seen.

    Args:
        image: [H, W, 3] uint8, which stays as it is.
        text: such as "AI".

    Returns:
        [H, W, 3] uint8: the letters are white on black, and about a 25th of the
        shorter side high.
    """
    height, width = image.shape[:2]
    size = max(_SMALLEST_LETTERS, min(height, width) // 25)
    font = ImageFont.load_default(size=size)
    margin = max(1, size // 3)
    picture = Image.fromarray(image)  # A copy: fromarray shares no uint8 RGB pixels.
    draw = ImageDraw.Draw(picture)
    end = width - margin, height - margin
    left, top, right, bottom = draw.textbbox(end, text, font, anchor="rb")
    box = left - margin, top - margin, right + margin, bottom + margin
    draw.rectangle(box, "black")
    draw.text(end, text, "white", font, anchor="rb")
    return np.asarray(picture)


def blocks_for(num_rows: int, num_columns: int) -> int:
    """Returns how many rows to put side by side so that a sheet is about square."""
    return max(1, round((num_rows / num_columns) ** 0.5))
