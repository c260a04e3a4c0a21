"""KIDs of aged faces and of the baselines -> Markdown."""

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
    "faces of the target group: the distance between two sets of faces in a network's "
    "features. 0: like real faces; for few faces the estimate may be negative. Sources "
    "of the target group itself take no part."
)


def _features(name):
    if name == goals.QUALITY_JUDGE:
        return f"In the embedding of {name}, an independent judge:"
    return (
        f"In features of {name}, divided by their root mean square over the real "
        "faces; no goal uses them:"
    )


def _kid_table(distances):
    names = [name for name in next(iter(distances.values())) if name != "faces"]
    rows = [
        [target, str(row["faces"]), *(kid_text(row.get(name)) for name in names)]
        for target, row in distances.items()
    ]
    return markdown_table(["target", "faces", *names], rows)
