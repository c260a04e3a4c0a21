"""Runs Demo.ipynb and stores it with its outputs, for example after new weights."""

from pathlib import Path

from absl import app, flags

from ipcgan import atomic
from ipcgan.runs import cli, folders

NOTEBOOK = "Demo.ipynb"
_SECONDS = 300  # that a cell may take.


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "save_dir", ".", f"Folder to write {NOTEBOOK} to.", flag_values=values
    )


def run(folder: Path, save_dir: Path) -> Path:
    """Runs the notebook of a folder in that folder; returns where it is stored.

    What libraries write to the error stream is not kept: it is about the machine.

    Raises:
        nbclient.exceptions.CellExecutionError: if a cell fails; nothing is written.
    """
    import nbclient
    import nbformat

    notebook = nbformat.read(folder / NOTEBOOK, as_version=4)
    nbclient.NotebookClient(
        notebook,
        timeout=_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)  # times
            cell.outputs = _without_errors(cell.outputs)
    save_dir.mkdir(parents=True, exist_ok=True)
    with atomic.replacing(save_dir / NOTEBOOK) as partial:
        nbformat.write(notebook, partial)
    return save_dir / NOTEBOOK


def _without_errors(outputs):
    """Drops the error stream, and joins what was printed into one output."""
    kept, printed = [], None
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
        elif output.name == "stdout" and printed is not None:
            printed.text += output.text
        elif output.name == "stdout":
            printed = output
            kept.append(output)
    return kept


def main(argv):
    """Runs the notebook of the current folder."""
    if not Path(NOTEBOOK).is_file():
        raise app.UsageError(f"{NOTEBOOK}: expected in the folder of this command")
    cli.run(folders.check_writable, flags.FLAGS.save_dir, "save_dir")
    cli.show(f"Wrote {run(Path('.').resolve(), Path(flags.FLAGS.save_dir))}")


if __name__ == "__main__":
    cli.program(main, define_flags)
