"""Faces -> pictures and numbers -> tables, for people to look at."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_MARGIN = 4  # pixels between faces.
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


def blocks_for(num_rows: int, num_columns: int) -> int:
    """Returns how many rows to put side by side so that a sheet is about square."""
    return max(1, round((num_rows / num_columns) ** 0.5))


def draw_curves(log: Sequence[dict[str, float]], path: Path) -> None:
    """Draws every term of a training's log against the step, a small plot each.

    Args:
        log: entries with "step" and "phase/term" keys, as in log.jsonl.
        path: PNG file to write.
    """
    from matplotlib.figure import Figure

    names = sorted({key for entry in log for key in entry if "/" in key})
    rows = -(-len(names) // 3)
    figure = Figure(figsize=(12, 2.6 * rows), layout="constrained")
    for index, name in enumerate(names):
        axes = figure.add_subplot(rows, 3, index + 1)
        points = [(entry["step"], entry[name]) for entry in log if name in entry]
        axes.plot(*zip(*points, strict=True), linewidth=0.8)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("step", fontsize=8)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=80)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table, columns padded to line up."""
    table = [header, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(header))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in table
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)
