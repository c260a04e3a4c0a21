"""Data flows one way: a module imports only from layers before its own."""

import ast
import pathlib

import pytest

ORDER = [
    "age_groups atomic batch config onnx_session privacy",
    "families",  # In numbers: their code is named there, and loaded when it is used.
    "data layers losses photos",
    "models",
    "training",
    "objectives",
    "checkpoints",
    "face_networks",
    "inference evaluation",
    "report",
    "runs",
    "web",
]
# Inside runs; its own modules may be imported by all of its subpackages.
ROOMS = [
    "quiet",
    "cli folders score_files shared_flags",
    "age train",
    "evaluate many",
    "weights benchmark",
]
ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT / "ipcgan"


def ranks(order):
    return {name: rank for rank, names in enumerate(order) for name in names.split()}


def check_imports(folder, package, order):
    """Asserts that each module of a package imports from those before its own."""
    rank = ranks(order)
    for path in folder.rglob("*.py"):
        part = path.relative_to(folder).parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        assert part in rank, f"{path.relative_to(PACKAGE)}: {part} has no place"
        for module in imported_modules(path):
            if not module.startswith(f"{package}."):
                continue
            imported = module.removeprefix(f"{package}.").split(".")[0]
            if imported in rank:
                assert imported == part or rank[imported] < rank[part], (
                    f"{path.relative_to(PACKAGE)} may not import {package}.{imported}"
                )


def imported_modules(path):
    """Yields the full name of each module that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_imports_follow_the_data():
    check_imports(PACKAGE, "ipcgan", ORDER)


def test_rooms_of_runs_import_from_those_before_them():
    check_imports(PACKAGE / "runs", "ipcgan.runs", ROOMS)


@pytest.mark.parametrize(
    ("library", "only"),
    [
        ("tensorflow", "ipcgan/training/step_tensorflow.py"),
        ("jax", "ipcgan/training/step_jax.py"),
        ("ray", "ipcgan/runs/many/cluster.py"),
    ],
)
def test_an_engine_is_imported_in_one_file(library, only):
    files = [*ROOT.glob("*.py"), *PACKAGE.rglob("*.py"), *(ROOT / "tools").glob("*.py")]
    importing = {
        str(path.relative_to(ROOT))
        for path in files
        if any(module.split(".")[0] == library for module in imported_modules(path))
    }
    assert importing == {only}
