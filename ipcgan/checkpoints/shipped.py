"""Where the shipped networks are: in the clone, or within the installed package."""

from pathlib import Path

_NAMED = Path("checkpoints")  # as defaults and pages name them.
_PACKAGE = Path(__file__).parents[1]


def located(folder: str | Path) -> Path:
    """Returns a folder as it was named, or the shipped one that its name means.

    checkpoints/NAME is in the clone, for whoever is there; elsewhere, where there is no
    such folder, it is the one that was installed. So is checkpoints/judges/NAME.
    """
    folder = Path(folder)
    if (
        folder.parent not in (_NAMED, _NAMED / "judges")
        or folder.name == ".."
        or folder.exists()
    ):
        return folder
    name = folder.relative_to(_NAMED)
    for place in (_PACKAGE / "shipped", _PACKAGE.parent / _NAMED):
        if (place / name).is_dir():
            return place / name
    return folder
