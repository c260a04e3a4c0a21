"""The report of an evaluation -> Markdown."""

from collections.abc import Iterator

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
    """Returns the report as Markdown: what to read first, then the rest."""
    return "\n\n".join(block for _, block in sections(report)) + "\n"


def sections(report: dict) -> Iterator[tuple[str, str]]:
    """Yields (name, Markdown) of each part of the report, the most wanted first."""
    parts = {
        "title": report["title"],
        "summary": "### In short\n\n" + _list(sentences(report)),
        "overview": overview(report),
        "goals": "### Goals\n\n" + goals_table(report),
        "age": f"### Age\n\n{_AGE}\n\n{age_table(report)}",
        "identity": f"### Identity\n\n{_identity_words(report)}\n\n"
        + identity_table(report),
        "gender": f"### Gender\n\n{_GENDER}\n\n{gender_table(report)}",
        "again": again_table(report),
        "quality": "### Quality\n\n" + quality_tables(report),
        "frontier": frontier_table(report),
        "judges": f"### The judges on untouched faces\n\n{_JUDGES}\n\n"
        + judges_table(report),
    }
    for kind, table in _label_tables(report):
        parts[kind] = f"### By {kind}\n\n{table}"
    if report["notes"]:
        parts["notes"] = "### Notes\n\n" + _list(report["notes"])
    yield from ((name, text) for name, text in parts.items() if text)


def _list(lines):
    return "\n".join(f"- {line}" for line in lines)


_AGE = (
    "Judged years, beside those that the same judge gives real faces of the target "
    "group: judges are wrong about real faces, too. A copy is the source as it is."
)
_GENDER = (
    "Share of faces that are judged to be of the gender that the same judge sees in "
    "the source. A face that is none any more has not kept it."
)
_JUDGES = (
    "What each age judge gets wrong where nobody aged anything: judged minus true "
    "years of the sources, and how often their gender is right."
)


def sentences(report: dict) -> list[str]:
    """Returns what the report says, in five plain sentences."""
    return [
        _about_age(report),
        _about_order(report),
        _about_identity(report),
        _about_quality(report),
        _about_goals(report),
    ]


def _about_age(report):
    youngest, *_, oldest = report["targets"]
    parts = []
    for name in (youngest, oldest):
        aged, real = (report["targets"][name][version] for version in ("all", "real"))
        parts.append(
            f"Aged to {name} they are judged {_years(report, aged)} years old; real "
            f"faces of that age {_years(report, real)}."
        )
    source = " and ".join(
        f"{_whole(years)} ({judge})" for judge, years in report["source_age"].items()
    )
    return (
        f"{report['people']} people are judged {source} years old as they are. "
        + " ".join(parts)
    )


def _years(report, row):
    means = (row[f"judged_age/{judge}"] for judge in report["age_judges"])
    return " and ".join(map(_whole, means))


def _whole(interval, scale=1):
    return "-" if interval[0] != interval[0] else f"{scale * interval[0]:.0f}"


def _about_order(report):
    summary, judges = report["summary"], report["age_judges"]
    _, first, *_, oldest = report["targets"]
    share, rise = (
        " and ".join(_whole(summary[f"{figure}/{j}"], scale) for j in judges)
        for figure, scale in (("never_steps_back", 100), ("rise", 1))
    )
    return (
        f"For {share} % ({' and '.join(judges)}) of people the judged age never steps "
        f"back from {first} to {oldest}; it rises by {rise} years in between."
    )


def _about_identity(report):
    oldest = list(report["targets"])[-1]
    parts = []
    for name in report["thresholds"]:
        near, far = (
            _whole(report["summary"][f"{which}/same_strict/{name}"], 100)
            for which in ("one_away", "to_oldest")
        )
        taught = ", which taught or is searched by" * (name in report["teachers"])
        parts.append(f"{near} % and {far} % by {name}{taught}")
    return (
        f"One age group away, and aged to {oldest}, people are taken for themselves in "
        f"{'; '.join(parts)} (where 1 stranger in 1,000 is, too)."
    )


def _about_quality(report):
    found = 100 * report["summary"]["face_found"][0]
    kid = report["kid"].get(goals.QUALITY_JUDGE, {"targets": {}})["targets"]
    face = (
        f"a face is found in {found:.1f} % of aged faces, in "
        f"{100 * report['found_in_sources']:.1f} % of the sources"
    )
    if not kid:
        return f"How real the faces look was not measured; {face}."
    ratio = goals.kid_ratio(kid.values())
    nearer = "nearer to" if ratio < 1 else "farther from"
    return (
        f"To {goals.QUALITY_JUDGE}, which taught nobody, aged faces are {nearer} "
        f"real faces of the target group than untouched ones (KID {ratio:.2f} times as "
        f"large; 1 is a copy, 0 is real); {face}."
    )


def _about_goals(report):
    verdicts = [verdict for *_, verdict in _goal_rows(report)]
    reached, below = (
        sum(verdict == word for verdict in verdicts)
        for word in ("reached", "below the floor")
    )
    score = report["score"]
    ending = (
        f"no score, since {len(report['missing'])} figures have no verdict"
        if score != score
        else f"score {score:.2f} (0: all reached)"
    )
    return (
        f"Of {len(verdicts)} goals {reached} are reached, {below} are below what is "
        f"usable; {ending}."
    )


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
                _text(row[f"judged_age/{judge}"]),
                _text(row[f"age_bias/{judge}"]),
            ]
        cells += [_text(row[f"same_strict/{name}"], 100) for name in names]
        cells += [_text(row[f"gender_kept/{judge}"], 100) for judge in judges]
        ratio = goals.kid_ratio([kid[target]]) if target in kid else float("nan")
        cells += [_no_face(row), "-" if ratio != ratio else f"{ratio:.2f}"]
        rows.append(cells)
    return markdown_table(header, rows)


def goals_table(report: dict) -> str:
    """Returns every goal with the figure and how it stands, and the score."""
    header = ["axis", "figure", "measured", "by", "faces", "goal", "floor", "verdict"]
    parts = ", ".join(
        f"{axis} {'-' if part != part else f'{part:.2f}'}"
        for axis, part in report["score_parts"].items()
    )
    text = markdown_table(header, list(_goal_rows(report))) + "\n\n"
    if report["missing"]:
        text += f"No score: what is missing stands under verdict ({parts})."
    else:
        text += f"Score {report['score']:.2f} (0: all goals reached; {parts})."
    return text + (
        " The worse of both judges counts. Age: years beside what real faces are "
        "judged, without sign. Identity: at 1 stranger in 1,000, by recognisers that "
        "did not teach. Quality: below 1 an aged face is nearer to real ones than an "
        f"untouched one. No verdict on fewer than {goals.FEWEST} people or real faces."
    )


def _goal_rows(report):
    wanted = goals.goals_of(list(report["targets"]))
    for goal, found in zip(wanted, report["goals"], strict=True):
        figure = goals.Figure(**found)
        scale, digits = (100, 1) if goal.unit == "%" else (1, 2)
        value, goal_text, floor = (
            "-" if number != number else f"{scale * number:.{digits}f} {goal.unit}"
            for number in (figure.value, goal.goal, goal.floor)
        )
        verdict = goals.verdict(goal, figure)
        faces = str(figure.people)
        yield (
            goal.axis,
            goal.name,
            value,
            figure.judge,
            faces,
            goal_text,
            floor,
            verdict,
        )


def age_table(report: dict) -> str:
    """Returns the judged ages of each target beside those of the baselines."""
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
                cells.append(_text(row[f"{figure}/{judge}"]))
            cells.append(_text(row[f"within_one_group/{judge}"], 100))
        rows.append(cells)
    return markdown_table(header, rows)


def _versions(report):
    for target, versions in report["targets"].items():
        for version in VERSIONS:
            row = versions.get(version)
            if row is not None and row["people"]:
                yield target, version, row


def _identity_words(report):
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
            " It taught the network or was searched by: its figures flatter."
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
        cells.append(_text(row[f"distance/{name}"], digits=2))
        cells.append(_text(row[f"same_usual/{name}"], 100))
        cells.append(_text(row[f"same_strict/{name}"], 100))
    return [*cells, _no_face(row)]


def gender_table(report: dict) -> str:
    """Returns the share of faces of each target whose judged gender is the source's."""
    judges = report["age_judges"]
    rows = [
        [
            target,
            VERSIONS[version],
            str(row["people"]),
            *(_text(row[f"gender_kept/{judge}"], 100) for judge in judges),
        ]
        for target, version, row in _versions(report)
        if version != "real"
    ]
    header = ["target", "faces", "people"]
    return markdown_table(
        [*header, *(f"{judge}: gender kept, %" for judge in judges)], rows
    )


def judges_table(report: dict) -> str:
    """Returns how right each age judge is about the sources."""
    rows = [
        [
            judge,
            _text(row["bias"]),
            _text(row["age_error"]),
            str(row["ages"]),
            _text(row["gender_right"], 100),
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
}


def again_table(report: dict) -> str:
    """Returns how alike sources are to themselves, made again; "" where none were."""
    if not report.get("again"):
        return ""
    header = ["latent vector", "pixel error, levels", *_identity_header(report)]
    rows = [
        [_METHODS[method], _text(row["pixel_error"]), *_identity_cells(report, row)]
        for method, row in report["again"].items()
    ]
    return (
        "### The same faces, made again\n\nEach source, made of its latent vector at "
        "its own age group, beside itself; pixels' root mean square error is in levels "
        "of 255.\n\n" + markdown_table([*header, "no face, %"], rows)
    )


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
        [target, str(row["faces"]), *(_kid(row.get(name)) for name in names)]
        for target, row in distances.items()
    ]
    return markdown_table(["target", "faces", *names], rows)


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
        cells += [_text(point[f"judged_age/{judge}"]) for judge in judges]
        for name in names:
            cells.append(_text(point[f"distance/{name}"], digits=2))
            cells.append(_text(point[f"same_strict/{name}"], 100))
        rows.append(cells)
    real = " and ".join(
        f"{years:.1f} ({judge})"
        for judge, years in found["real"].items()
        if years == years
    )
    real = f"; real faces of {found['target']} are judged {real} years" if real else ""
    return (
        f"### Age against identity\n\n{found['people']} people aged to "
        f"{found['target']} by shares of what the network changes (--blend of "
        f"test.py){real}.\n\n" + markdown_table(header, rows)
    )


def _label_tables(report):
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
                *(_text(row[f"age_bias/{judge}"]) for judge in judges),
                *(_text(row[f"same_strict/{name}"], 100) for name in names),
                *(_text(row[f"gender_kept/{judge}"], 100) for judge in judges),
            ]
            for target in report["targets"]
            for label, targets in labels.items()
            for row in [targets[target]]
        ]
        yield kind, markdown_table(header, rows)


def _text(interval, scale=1.0, digits=1):
    return intervals.text(interval, scale, digits)


def _no_face(row):
    found = row["face_found"][0]
    return "-" if found != found else f"{100 * (1.0 - found):.1f}"


def _kid(value):
    if value is None or value[0] != value[0]:
        return "-"
    return f"{quality.SCALE * value[0]:.1f} +- {quality.SCALE * value[1]:.1f}"
