import pathlib

import nbformat
from test_programs import load

ROOT = pathlib.Path(__file__).parents[1]


def outputs(notebook):
    return [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]


def printed(notebook):
    return "".join(o.text for o in outputs(notebook) if o.output_type == "stream")


def test_the_notebook_runs(tmp_path):
    stored = nbformat.read(ROOT / "Demo.ipynb", as_version=4)
    path = load("run_demo").run(ROOT, tmp_path)
    notebook = nbformat.read(path, as_version=4)
    assert [cell.source for cell in notebook.cells] == [c.source for c in stored.cells]

    text = printed(notebook)
    # Two people aged to five groups; another network may fail on a hard one.
    assert text.count(": the same person") >= 8
    assert text.count("admiral and astronaut\n") == 1
    assert ": different people" in text.split("admiral and astronaut\n")[1]


def test_the_notebook_is_stored_with_its_pictures():
    notebook = nbformat.read(ROOT / "Demo.ipynb", as_version=4)
    kinds = {kind for o in outputs(notebook) for kind in o.get("data", {})}
    assert {"image/jpeg", "image/svg+xml"} <= kinds
    assert "the same person" in printed(notebook)
    assert (ROOT / "Demo.ipynb").stat().st_size < 300_000
