"""Evaluation of aged faces by independent judges, from a config."""

from pathlib import Path

from absl import logging

from ipcgan import atomic, config, report
from ipcgan.age_groups import GROUPINGS
from ipcgan.evaluation import frontier
from ipcgan.inference.ager import FaceAger
from ipcgan.report.strips import strips_of
from ipcgan.runs.evaluate.evaluators import make_evaluator
from ipcgan.runs.evaluate.people import age, read_aged, read_sample
from ipcgan.runs.evaluate.reports import Evaluation, write_report
from ipcgan.runs.evaluate.teachers import teachers_of

REPORT = "report"  # name of the report's files.


def evaluate(settings: config.EvaluateConfig) -> Evaluation:
    """Evaluates faces of every age group by independent judges.

    Writes report.json, report.md and report.html to report_dir, each whole or not at
    all; an older report stays until then.

    Raises:
        DataError: if there are no faces to evaluate on.
        config.ConfigError: if it is not clear which, or a judge is unknown.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        MissingWeightsError: if no age judge or no recogniser can be used.
    """
    ager = None
    if not (settings.aged_dir or settings.csv_file):
        # The weights are measured, not an export of them.
        ager = FaceAger.from_checkpoint(
            settings.checkpoint_dir,
            engine="keras",
            inversion=settings.inversion,
        )
    sample = read_sample(
        settings,
        ager.image_size if ager else None,
        ager.age_groups if ager else GROUPINGS[settings.age_groups],
    )
    folder = Path(settings.report_dir)
    folder.mkdir(parents=True, exist_ok=True)
    evaluator, missing = make_evaluator(sample, settings)
    people = evaluator.sample.sources
    aged, teachers, unreadable = _aged(ager, people, sample, settings)
    evaluated = evaluator.evaluate(
        aged, "aged faces", teachers=teachers, with_baselines=True
    )
    result, left_out = evaluated.report, [*sample.unreadable, *missing, *unreadable]
    result["made_by"] = settings.checkpoint_dir if ager else "others"
    result["title"] += f" Aged by {result['made_by']}."
    result["notes"] += [*aged.notes, *(f"Left out: {why}" for why in left_out)]
    result["frontier"] = frontier.measure(evaluator, aged)
    text = report.to_markdown(result)
    strips = strips_of(people.pixels, aged, evaluated)
    atomic.write_text(folder / "report.html", report.to_html(result, strips))
    write_report(folder, REPORT, text, result)
    return Evaluation(text, left_out)


def _aged(ager, people, sample, settings):
    """Returns (aged faces, their network's teachers, why files could not be read)."""
    if ager:
        logging.info("Ageing %d faces.", len(people))
        teachers = teachers_of(settings.checkpoint_dir, settings.inversion)
        return age(ager, people), teachers, []
    aged, unreadable = read_aged(people, sample.aged, len(sample.groups))
    return aged, (), unreadable
