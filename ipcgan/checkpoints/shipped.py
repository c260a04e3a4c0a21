"""Where the shipped networks are: in the clone, or within the installed package."""

from pathlib import Path

_NAMED = Path("checkpoints")  # as defaults and pages name them.
_PACKAGE = Path(__file__).parents[1]


def located(folder: str | Path) -> Path:
    """Returns a folder as it was named, or the shipped one that its name means.

    checkpoints/NAME is in the clone, for whoever is there; elsewhere, where there is no
    such folder, it is the one that was installed.
    """
    folder = Path(folder)
    if folder.parent != _NAMED or folder.name == ".." or folder.exists():
        return folder
    for place in (_PACKAGE / "shipped", _PACKAGE.parent / _NAMED):
        if (place / folder.name).is_dir():
            return place / folder.name
    return folder
