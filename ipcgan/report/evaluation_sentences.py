"""Summarises the report of an evaluation in plain sentences."""

from ipcgan.evaluation import goals, resampling
from ipcgan.report.cells import whole_text
from ipcgan.report.goals_table import goal_rows


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
        f"{whole_text(years)} ({judge})"
        for judge, years in report["source_age"].items()
    )
    return (
        f"{report['people']} people are judged {source} years old before ageing. "
        + " ".join(parts)
    )


def _years(report, row):
    means = (row[f"judged_age/{judge}"] for judge in report["age_judges"])
    return " and ".join(map(whole_text, means))


def _about_order(report):
    summary, judges = report["summary"], report["age_judges"]
    first, oldest = report["first_adult"], list(report["targets"])[-1]
    share, rise = (
        " and ".join(whole_text(summary[f"{figure}/{j}"], scale) for j in judges)
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
            whole_text(report["summary"][f"{which}/same_strict/{name}"], 100)
            for which in ("one_away", "to_oldest")
        )
        taught = " (used in training or search)" * (name in report["teachers"])
        parts.append(f"{near} % and {far} % by {name}{taught}")
    return (
        f"Aged by one group, and aged to {oldest}, people are recognised in "
        f"{'; '.join(parts)}, at the threshold that 1 stranger in 1,000 passes."
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
        f"In the features of {goals.QUALITY_JUDGE}, an independent judge, aged faces "
        f"are {nearer} real faces of the target group than untouched ones are (KID "
        f"ratio {ratio:.2f}; copies have 1, real faces 0); {face}."
    )


def _about_goals(report):
    verdicts = [verdict for *_, verdict in goal_rows(report)]
    reached, below = (
        sum(verdict == word for verdict in verdicts)
        for word in ("reached", "below the floor")
    )
    score = report["score"]
    low, high = resampling.interval(report["resampled_scores"])
    ending = (
        f"no score, since {len(report['missing'])} figures have no verdict"
        if score != score
        else f"score {score:.2f} ({low:.2f} to {high:.2f}; 0: all reached)"
    )
    return (
        f"Of {len(verdicts)} goals {reached} are reached, {below} are below what is "
        f"usable; {ending}."
    )
