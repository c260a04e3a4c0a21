"""The list of modules in docs/architecture.md, from the docstrings.

As a program it writes the list: python tests/helpers/module_tree.py.
"""

import ast
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
_BEGIN, _END = "<!-- modules -->\n", "<!-- end of modules -->\n"


def as_written():
    """Returns the list that the page has."""
    return PAGE.read_text().split(_BEGIN)[1].split(_END)[0]


def as_it_is():
    """Returns the list as the docstrings have it."""
    lines = ["| module | what it is |", "|---|---|"]
    folders = sorted({path.parent for path in (ROOT / "ipcgan").rglob("*.py")})
    for folder in folders:
        where = folder.relative_to(ROOT)
        lines.append(f"| **`{where}/`** | **{_about(folder / '__init__.py')}** |")
        for path in sorted(folder.glob("*.py")):
            if path.name != "__init__.py":
                lines.append(f"| `{path.name}` | {_about(path)} |")
    return "\n".join(lines) + "\n"


def _about(path):
    """Returns the first line of a module's docstring."""
    return ast.get_docstring(ast.parse(path.read_text())).splitlines()[0]


def write():
    text = PAGE.read_text()
    PAGE.write_text(text.replace(_BEGIN + as_written(), _BEGIN + as_it_is()))


if __name__ == "__main__":
    write()
