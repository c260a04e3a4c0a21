"""How near to real faces aged ones are -> Markdown."""

from ipcgan.evaluation import goals, quality
from ipcgan.report.cells import kid_text
from ipcgan.report.tables import markdown_table


def quality_tables(report: dict) -> str:
    """Returns the KID of each target and of the baselines, with standard errors."""
    tables = [
        f"{_features(name)}\n\n{_kid_table(kid['targets'])}"
        for name, kid in report["kid"].items()
        if kid["targets"]
    ]
    if not tables:
        return "Not measured: there are too few real faces of known age."
    return "\n\n".join([_KID, *tables])


_KID = (
    f"KID (kernel inception distance) x {quality.SCALE:.0f} +- standard error, to real "
    "faces of the target group: how far one set of faces is from another in a "
    "network's features. 0: as real faces are; for too few faces to say, it may be "
    "below. Sources of the target group itself take no part."
)


def _features(name):
    if name == goals.QUALITY_JUDGE:
        return f"In the embedding of {name}, which taught nobody:"
    return (
        f"In features of {name}, divided by their root mean square over the real "
        "faces; no goal is about them:"
    )


def _kid_table(distances):
    names = [name for name in next(iter(distances.values())) if name != "faces"]
    rows = [
        [target, str(row["faces"]), *(kid_text(row.get(name)) for name in names)]
        for target, row in distances.items()
    ]
    return markdown_table(["target", "faces", *names], rows)
