"""Data flows one way: a module imports only from layers before its own."""

import ast
import pathlib

import pytest

ORDER = [
    "age_groups batch config",
    "data layers losses photos",
    "models",
    "training",
    "objectives",
    "families",
    "checkpoints",
    "face_networks",
    "inference evaluation",
    "report",
    "runs",
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names.split()}
ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT / "ipcgan"


def imported_modules(path):
    """Yields the full name of each module that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_imports_follow_the_data():
    for path in PACKAGE.rglob("*.py"):
        part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        for module in imported_modules(path):
            if not module.startswith("ipcgan."):
                continue
            imported = module.split(".")[1]
            if imported not in RANK:
                continue
            assert imported == part or RANK[imported] < RANK[part], (
                f"{path.relative_to(PACKAGE)} may not import ipcgan.{imported}"
            )


@pytest.mark.parametrize(
    ("library", "only"),
    [
        ("tensorflow", "ipcgan/training/step_tensorflow.py"),
        ("jax", "ipcgan/training/step_jax.py"),
    ],
)
def test_a_backend_is_imported_in_one_file(library, only):
    files = [*ROOT.glob("*.py"), *PACKAGE.rglob("*.py"), *(ROOT / "tools").glob("*.py")]
    importing = {
        str(path.relative_to(ROOT))
        for path in files
        if any(module.split(".")[0] == library for module in imported_modules(path))
    }
    assert importing == {only}
