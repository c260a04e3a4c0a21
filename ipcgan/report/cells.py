"""Figures of a report -> cells of its tables."""

from ipcgan.evaluation import intervals, quality


def whole_text(interval: intervals.Interval, scale: float = 1.0) -> str:
    """Returns a mean alone, rounded; "-" where nothing was measured."""
    return "-" if interval[0] != interval[0] else f"{scale * interval[0]:.0f}"


def no_face_text(row: dict) -> str:
    """Returns the share of a row's pictures without a detected face, in percent."""
    found = row["face_found"][0]
    return "-" if found != found else f"{100 * (1.0 - found):.1f}"


def kid_text(value: tuple[float, float] | None) -> str:
    """Returns a KID and its standard error, times quality.SCALE."""
    if value is None or value[0] != value[0]:
        return "-"
    return f"{quality.SCALE * value[0]:.1f} +- {quality.SCALE * value[1]:.1f}"
