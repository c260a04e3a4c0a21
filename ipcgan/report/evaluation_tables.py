"""The report of an evaluation -> Markdown."""

from ipcgan.evaluation import goals, intervals, quality
from ipcgan.report.tables import markdown_table

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


def to_markdown(report: dict) -> str:
    """Returns the report as Markdown: a table to quote first, then the rest."""
    sections = [
        report["title"],
        overview(report),
        _sentences(report),
        "### Goals\n\n" + goals_table(report),
        "### Age\n\n" + age_table(report),
        "### Identity and gender\n\n" + identity_table(report),
        again_table(report),
        "### Quality\n\n" + quality_table(report),
        *(f"### By {kind}\n\n" + table for kind, table in _label_tables(report)),
    ]
    notes = [f"- {note}" for note in report["notes"]]
    if notes:
        sections.append("### Notes\n\n" + "\n".join(notes))
    return "\n\n".join(section for section in sections if section) + "\n"


def overview(report: dict) -> str:
    """Returns the table of the targets, a line each."""
    header = ["target", "judged age, years", "minus real faces"]
    for name in report["thresholds"]:
        header += [f"{name}: same person, %", f"{name}: at 1 in 1,000, %"]
    header += ["gender kept, %", "no face, %", "KID", "KID of a blur"]
    rows = []
    for target, versions in report["targets"].items():
        row = versions["all"]
        cells = [target, _text(row["judged_age"]), _text(row["age_bias"])]
        for name in report["thresholds"]:
            cells.append(_text(row[f"same_usual/{name}"], 100))
            cells.append(_text(row[f"same_strict/{name}"], 100))
        cells += [_text(row["gender_kept"], 100), _no_face(row)]
        distances = report["kid"]["targets"].get(target, {})
        cells.append(_kid(distances.get("aged")))
        cells.append(_kid(distances.get("blurred real faces")))
        rows.append(cells)
    return markdown_table(header, rows)


def _sentences(report):
    summary = report["summary"]
    _, first, *_, oldest = report["targets"]
    lines = [
        f"Judged age never steps back from {first} to {oldest} for "
        f"{_text(summary['never_steps_back'], 100)} % of people; rank correlation of "
        f"target and judged age {_text(summary['rank_correlation'], digits=2)}; "
        f"{oldest} is judged {_text(summary['rise'])} years older than {first}. The "
        f"sources are judged {_text(report['source_age'])} years old."
    ]
    lines += [_sentence(name, report) for name in report["thresholds"]]
    return "\n".join(lines)


def _sentence(name, report):
    limit = report["thresholds"][name]
    pairs = f"{limit['num_pairs']} pairs of strangers"
    if limit["strict"] != limit["strict"]:
        return f"{name}: {pairs} are too few for a threshold that 1 in 1,000 pass."
    near, oldest = (
        _text(report["summary"][f"{which}/same_strict/{name}"], 100)
        for which in ("one_away", "to_oldest")
    )
    return (
        f"{name}: the usual threshold {limit['usual']:g} lets "
        f"{100 * limit['passing_usual']:.1f} % of {pairs} pass, {limit['strict']:.3f} "
        f"lets 1 in 1,000. At the latter, the same person one group away {near} %, "
        f"aged to {list(report['targets'])[-1]} {oldest} %."
    )


def goals_table(report: dict) -> str:
    """Returns every goal with the figure and how it stands, and the score."""
    rows = []
    wanted = goals.goals_of(list(report["targets"]))
    for goal, value in zip(wanted, report["goals"], strict=True):
        scale, digits = (100, 1) if goal.unit == "%" else (1, 2)
        figure, goal_text, floor = (
            "-" if number != number else f"{scale * number:.{digits}f} {goal.unit}"
            for number in (value, goal.goal, goal.floor)
        )
        verdict = goal.verdict(value)
        rows.append([goal.axis, goal.name, figure, goal_text, floor, verdict])
    header = ["axis", "figure", "measured", "goal", "floor", "verdict"]
    parts = ", ".join(
        f"{axis} {'not measured' if part != part else f'{part:.2f}'}"
        for axis, part in report["score_parts"].items()
    )
    return markdown_table(header, rows) + (
        f"\n\nScore {report['score']:.2f} (0: all goals reached; {parts}). Age: years "
        "beside what real faces are judged, without sign. Identity: at 1 stranger in "
        "1,000. Quality has no floor; 2 only sets its weight in the score."
    )


def age_table(report: dict) -> str:
    """Returns the judged ages of each target beside those of the baselines."""
    rows = []
    for target, versions in report["targets"].items():
        for version, name in VERSIONS.items():
            row = versions.get(version)
            if row is None or row["people"] == 0:
                continue
            rows.append(
                [
                    target,
                    name,
                    str(row["people"]),
                    *(_text(row[k]) for k in ("judged_age", "age_bias", "age_error")),
                    *(_text(row[k], 100) for k in ("in_group", "within_one_group")),
                ]
            )
    header = ["target", "faces", "people", "judged age, years", "minus real faces"]
    header += ["mean absolute error", "in group, %", "within one group, %"]
    return markdown_table(header, rows)


def identity_table(report: dict) -> str:
    """Returns distances, verification and gender of each target."""
    rows = []
    for target, versions in report["targets"].items():
        for version, name in VERSIONS.items():
            row = versions.get(version)
            if version == "real" or row is None or row["people"] == 0:
                continue
            cells = [target, name]
            for recogniser in report["thresholds"]:
                cells.append(_text(row[f"distance/{recogniser}"], digits=2))
                cells.append(_text(row[f"same_usual/{recogniser}"], 100))
                cells.append(_text(row[f"same_strict/{recogniser}"], 100))
            rows.append([*cells, _text(row["gender_kept"], 100), _no_face(row)])
    header = ["target", "faces"]
    for name in report["thresholds"]:
        header += [f"{name}: distance", "same person, %", "at 1 in 1,000, %"]
    return markdown_table([*header, "gender kept, %", "no face, %"], rows)


# Methods of inversion, as the papers call them.
_METHODS = {
    "none": "z0, the encoder's guess",
    "pixelwise": "pixelwise",
    "identity_preserving": "identity-preserving",
}


def again_table(report: dict) -> str:
    """Returns how alike sources are to themselves, made again; "" where none were."""
    if not report.get("again"):
        return ""
    header = ["latent vector", "pixel error, levels"]
    for name in report["thresholds"]:
        header += [f"{name}: distance", "same person, %", "at 1 in 1,000, %"]
    rows = []
    for method, row in report["again"].items():
        cells = [_METHODS[method], _text(row["pixel_error"])]
        for name in report["thresholds"]:
            cells.append(_text(row[f"distance/{name}"], digits=2))
            cells.append(_text(row[f"same_usual/{name}"], 100))
            cells.append(_text(row[f"same_strict/{name}"], 100))
        rows.append([*cells, _no_face(row)])
    return (
        "### The same faces, made again\n\nEach source, made of its latent vector at "
        "its own age group, beside itself; pixels' root mean square error is in levels "
        "of 255.\n\n" + markdown_table([*header, "no face, %"], rows)
    )


def quality_table(report: dict) -> str:
    """Returns the KID of each target and of the baselines, with standard errors."""
    distances = report["kid"]["targets"]
    if not distances:
        return "Not measured: there are too few real faces of known age."
    names = list(dict.fromkeys(name for row in distances.values() for name in row))
    rows = [
        [target, *(_kid(row.get(name)) for name in names)]
        for target, row in distances.items()
    ]
    return (
        f"KID x {quality.SCALE:.0f} +- standard error, to real faces of the target "
        f"group; features: {report['kid']['features']}, divided by their root mean "
        "square over the real faces. Sources of the target group itself take no part. "
        "0: as real faces are; for too few faces to say, it may be below.\n\n"
        + markdown_table(["target", *names], rows)
    )


def _label_tables(report):
    for kind, labels in report["by_label"].items():
        header = ["target", kind, "people", "minus real faces, years"]
        for name in report["thresholds"]:
            header.append(f"{name}: at 1 in 1,000, %")
        rows = [
            [
                target,
                label,
                str(row["people"]),
                _text(row["age_bias"]),
                *(_text(row[f"same_strict/{n}"], 100) for n in report["thresholds"]),
                _text(row["gender_kept"], 100),
            ]
            for target in report["targets"]
            for label, targets in labels.items()
            for row in [targets[target]]
        ]
        yield kind, markdown_table([*header, "gender kept, %"], rows)


def _text(interval, scale=1.0, digits=1):
    return intervals.text(interval, scale, digits)


def _no_face(row):
    found = row["face_found"][0]
    return "-" if found != found else f"{100 * (1.0 - found):.1f}"


def _kid(value):
    if value is None or value[0] != value[0]:
        return "-"
    return f"{quality.SCALE * value[0]:.0f} +- {quality.SCALE * value[1]:.0f}"
