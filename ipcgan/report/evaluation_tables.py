"""The tables of an evaluation's report -> Markdown."""

from collections.abc import Iterator

from ipcgan.evaluation import goals
from ipcgan.evaluation.intervals import text
from ipcgan.report.cells import no_face_text
from ipcgan.report.tables import markdown_table, plain

# Ways to age, as the report names them and as its tables do.
VERSIONS = {
    "all": "aged",
    "younger": "aged, from younger",
    "older": "aged, from older",
    "copy": "copy",
    "tint": "tint only",
    "blur": "2-px blur",
    "real": "real faces",
}


def overview(report: dict) -> str:
    """Returns the table of the targets, a line each."""
    judges, names = report["age_judges"], list(report["thresholds"])
    header = ["target", "people"]
    for judge in judges:
        header += [f"{judge}: judged age, years", "minus real faces"]
    header += [f"{name}: same person at 1 in 1,000, %" for name in names]
    header += [f"{judge}: gender kept, %" for judge in judges]
    header += ["no face, %", "KID / KID of copies"]
    kid = report["kid"].get(goals.QUALITY_JUDGE, {"targets": {}})["targets"]
    rows = []
    for target, versions in report["targets"].items():
        row = versions["all"]
        cells = [target, str(row["people"])]
        for judge in judges:
            cells += [
                text(row[f"judged_age/{judge}"]),
                text(row[f"age_bias/{judge}"]),
            ]
        cells += [text(row[f"same_strict/{name}"], 100) for name in names]
        cells += [text(row[f"gender_kept/{judge}"], 100) for judge in judges]
        ratio = goals.kid_ratio([kid[target]]) if target in kid else float("nan")
        cells += [no_face_text(row), "-" if ratio != ratio else f"{ratio:.2f}"]
        rows.append(cells)
    return markdown_table(header, rows)


def age_table(report: dict) -> str:
    """Returns the judged ages of each target, with those of the baselines."""
    judges = report["age_judges"]
    header = ["target", "faces", "people"]
    for judge in judges:
        header += [f"{judge}: judged age, years", "minus real faces"]
        header += ["mean absolute error", "within one group, %"]
    rows = []
    for target, version, row in _versions(report):
        cells = [target, VERSIONS[version], str(row["people"])]
        for judge in judges:
            for figure in ("judged_age", "age_bias", "age_error"):
                cells.append(text(row[f"{figure}/{judge}"]))
            cells.append(text(row[f"within_one_group/{judge}"], 100))
        rows.append(cells)
    return markdown_table(header, rows)


def _versions(report):
    for target, versions in report["targets"].items():
        for version in VERSIONS:
            row = versions.get(version)
            if row is not None and row["people"]:
                yield target, version, row


def identity_words(report: dict) -> str:
    """Returns what the thresholds are, and what they let pass."""
    lines = [
        "Distance is that of two descriptors. The usual threshold is the recogniser's "
        "own; the stricter one is set here, so that 1 of 1,000 pairs of strangers pass."
    ]
    for name, limit in report["thresholds"].items():
        pairs = f"{limit['num_pairs']} pairs of strangers"
        if limit["strict"] != limit["strict"]:
            lines.append(f"{name}: {pairs} are too few for the stricter threshold.")
            continue
        taught = (
            " It was used in training or search, so its figures are too good."
            if name in report["teachers"]
            else ""
        )
        lines.append(
            f"{name}: the usual threshold {limit['usual']:g} lets "
            f"{100 * limit['passing_usual']:.1f} % of {pairs} pass; the stricter one "
            f"is {limit['strict']:.3f}.{taught}"
        )
    return "\n".join(lines)


def identity_table(report: dict) -> str:
    """Returns distances and verification of each target."""
    header = ["target", "faces", "people", *_identity_header(report)]
    rows = [
        [target, VERSIONS[version], str(row["people"]), *_identity_cells(report, row)]
        for target, version, row in _versions(report)
        if version != "real"
    ]
    return markdown_table([*header, "no face, %"], rows)


def _identity_header(report):
    header = []
    for name in report["thresholds"]:
        header += [f"{name}: distance", "same person, %", "at 1 in 1,000, %"]
    return header


def _identity_cells(report, row):
    cells = []
    for name in report["thresholds"]:
        cells.append(text(row[f"distance/{name}"], digits=2))
        cells.append(text(row[f"same_usual/{name}"], 100))
        cells.append(text(row[f"same_strict/{name}"], 100))
    return [*cells, no_face_text(row)]


def gender_table(report: dict) -> str:
    """Returns the share of faces of each target whose judged gender is the source's."""
    judges = report["age_judges"]
    rows = [
        [
            target,
            VERSIONS[version],
            str(row["people"]),
            *(text(row[f"gender_kept/{judge}"], 100) for judge in judges),
        ]
        for target, version, row in _versions(report)
        if version != "real"
    ]
    header = ["target", "faces", "people"]
    return markdown_table(
        [*header, *(f"{judge}: gender kept, %" for judge in judges)], rows
    )


def judges_table(report: dict) -> str:
    """Returns each age judge's accuracy on the sources."""
    rows = [
        [
            judge,
            text(row["bias"]),
            text(row["age_error"]),
            str(row["ages"]),
            text(row["gender_right"], 100),
            str(row["genders"]),
        ]
        for judge, row in report["judges"].items()
    ]
    header = ["judge", "minus true age, years", "mean absolute error", "of faces"]
    return markdown_table([*header, "gender right, %", "of faces"], rows)


# Methods of inversion, as the papers call them.
_METHODS = {
    "none": "z0, the encoder's guess",
    "pixelwise": "pixelwise",
    "identity_preserving": "identity-preserving",
    "extended": "extended by maps",
}


def reconstruction_table(report: dict) -> str:
    """Returns how far reconstructed sources are from the sources; "" without any."""
    if not report.get("again"):
        return ""
    header = ["latent vector", "pixel error, levels", *_identity_header(report)]
    rows = [
        [_METHODS[method], text(row["pixel_error"]), *_identity_cells(report, row)]
        for method, row in report["again"].items()
    ]
    return (
        "### Reconstruction\n\nEach source, reconstructed from its latent vector at "
        "its own age group, compared with itself; pixels' root mean square error is "
        "in levels of 255.\n\n" + markdown_table([*header, "no face, %"], rows)
    )


def frontier_table(report: dict) -> str:
    """Returns what each share of the change does; "" where it was not measured."""
    found = report.get("frontier")
    if not found:
        return ""
    judges, names = report["age_judges"], list(report["thresholds"])
    header = ["share of the change"]
    header += [f"{judge}: judged age, years" for judge in judges]
    for name in names:
        header += [f"{name}: distance", "same person at 1 in 1,000, %"]
    rows = []
    for point in found["points"]:
        cells = ["0, a copy" if not point["blend"] else f"{point['blend']:g}"]
        cells += [text(point[f"judged_age/{judge}"]) for judge in judges]
        for name in names:
            cells.append(text(point[f"distance/{name}"], digits=2))
            cells.append(text(point[f"same_strict/{name}"], 100))
        rows.append(cells)
    real = " and ".join(
        f"{years:.1f} ({judge})"
        for judge, years in found["real"].items()
        if years == years
    )
    real = (
        f"; real faces of {plain(found['target'])} are judged {real} years"
        if real
        else ""
    )
    return (
        f"### Age against identity\n\n{found['people']} people aged to "
        f"{plain(found['target'])} by shares of what the network changes (--strength "
        f"of test.py){real}.\n\n" + markdown_table(header, rows)
    )


def label_tables(report: dict) -> Iterator[tuple[str, str]]:
    """Yields (label, table) of each label that enough people have."""
    judges, names = report["age_judges"], list(report["thresholds"])
    for kind, labels in report["by_label"].items():
        header = ["target", kind, "people"]
        header += [f"{judge}: minus real faces, years" for judge in judges]
        header += [f"{name}: at 1 in 1,000, %" for name in names]
        header += [f"{judge}: gender kept, %" for judge in judges]
        rows = [
            [
                target,
                label,
                str(row["people"]),
                *(text(row[f"age_bias/{judge}"]) for judge in judges),
                *(text(row[f"same_strict/{name}"], 100) for name in names),
                *(text(row[f"gender_kept/{judge}"], 100) for judge in judges),
            ]
            for target in report["targets"]
            for label, targets in labels.items()
            for row in [targets[target]]
        ]
        yield kind, markdown_table(header, rows)
