"""Goals, measured figures and verdicts -> Markdown."""

from collections.abc import Iterator

from ipcgan.evaluation import goals, resampling
from ipcgan.report.tables import markdown_table


def goals_table(report: dict) -> str:
    """Returns every goal with its figure and verdict, and the score."""
    header = ["axis", "figure", "measured", "by", "faces", "goal", "floor", "verdict"]
    parts = ", ".join(
        f"{axis} {'-' if part != part else f'{part:.2f}'}"
        for axis, part in report["score_parts"].items()
    )
    text = markdown_table(header, list(goal_rows(report))) + "\n\n"
    if report["missing"]:
        text += f"No score: the verdicts name what is missing ({parts})."
    else:
        low, high = resampling.interval(report["resampled_scores"])
        text += (
            f"Score {report['score']:.2f} ({low:.2f} to {high:.2f} in 95 % of samples "
            f"drawn again from these people; 0: all goals reached; {parts})."
        )
    return text + (
        " The worse of both judges counts. Age: absolute difference in judged years "
        "from real faces. Identity: at 1 stranger in 1,000, by recognisers that are no "
        "teachers. Quality: below 1 an aged face is nearer to real ones than an "
        f"untouched one. No verdict on fewer than {goals.FEWEST} people or real faces."
    )


def goal_rows(report: dict) -> Iterator[tuple[str, ...]]:
    """Yields the cells of each goal, the verdict last."""
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
