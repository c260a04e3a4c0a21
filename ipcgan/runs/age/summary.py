"""Summarises, in lines of text, how the ageing of a folder went."""

from ipcgan.runs import cli
from ipcgan.runs.age.folder_report import MAX_SHEET_ROWS, AgedFolder

_MOST_LINES = 20  # of files that were aged.


def lines(result: AgedFolder, save_dir: str) -> list[str]:
    """Returns what became of a folder, as lines of text.

    Args:
        result: what became of it.
        save_dir: where it was written to.
    """
    count = f"{result.faces} faces aged"
    if result.faces != len(result.aged):
        count += f" in {len(result.aged)} files"
    text = [f"{count} by {result.engine}, written to {save_dir}"]
    if result.judged is not None:
        told = result.faces - result.judged
        text.append(
            f"The faces' own age groups: {told} known from file names, {result.judged} "
            "predicted by the face AlexNet's age head"
        )
    shown = result.aged[:_MOST_LINES]
    text += [f"  {cli.printable(p)}: {result.decisions[p]}" for p in shown]
    if len(result.aged) > len(shown):
        text.append(f"  and {len(result.aged) - len(shown)} more; see report.json")
    if result.skipped:
        text.append(f"{len(result.skipped)} files skipped: written before")
    if result.sheet:
        rows = min(result.faces, MAX_SHEET_ROWS)
        text.append(f"Contact sheet of {rows} faces: {result.sheet}")
    if result.left_out:
        text.append(f"{len(result.left_out)} files left out:")
    for path, reason in [*result.left_out, *result.unwritten]:
        # Reasons have names of files too.
        text.append(f"  {cli.printable(path)}: {cli.printable(reason)}")
    return text
