"""Measures aged faces: do they look older, and still like the same person?

--root_folder=UTKFACE ages unseen faces of a labelled data set, --source_dir=FACES those
of a folder; --aged_dir or --csv take faces that were aged earlier. Instead:
--photos=FOLDER measures how much of the ageing survives in whole photographs,
--pairs=PAIRS.csv compares with real later pictures of the same people, --ages=20,40,70
measures how well ages in years are hit (with --photos: in whole photographs), and
--calibrate_ages writes beside the weights which ages the groups are judged at.
"""

import sys

from absl import app, flags

from ipcgan import config
from ipcgan.age_groups import GROUPINGS
from ipcgan.runs import cli, shared_flags
from ipcgan.runs.evaluate import checks

EVERY_CHECKPOINT_FACES = 200  # 40 of each of five groups; a verdict takes 30.


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    default = config.EvaluateConfig()
    shared_flags.define_folder(default, values)
    for name, text in (
        (
            "checkpoint_dir",
            "Folder of the trained network: a shipped one, or a training run's.",
        ),
        ("report_dir", "Folder for report.json, report.md and report.html."),
        ("source_dir", "Folder of faces to age, instead of --root_folder."),
        (
            "photos",
            "Folder of whole photographs: age them as test.py does, cut the faces out "
            "of the written files again, and judge how much of the ageing is left.",
        ),
        (
            "pairs",
            "People when they were younger and older, cut out: a file with the header "
            "source,later,target_group, paths relative to it. The aged face is "
            "compared with the real later picture.",
        ),
        (
            "aged_dir",
            "Faces that were aged before, named as test.py names them: NAME.jpg_1.jpg "
            "is NAME.jpg aged to group 1. NAME.jpg lies in --source_dir or in the same "
            "folder.",
        ),
        (
            "csv",
            "Faces that were aged before: a file with the header "
            "source,aged,target_group, paths relative to it.",
        ),
        (
            "real_dir",
            "Real faces of the age groups to compare with, labelled as --dataset says; "
            "default: the sources, where their labels are known.",
        ),
        (
            "impostor_dir",
            "Faces of different people, to set the threshold that 1 of 1,000 pairs of "
            "strangers passes; default: the sources.",
        ),
    ):
        given = "" if name in ("csv", "photos", "pairs") else getattr(default, name)
        flags.DEFINE_string(name, given, text, flag_values=values)
    _define_judges(default, values)
    flags.DEFINE_enum(
        "age_groups",
        default.age_groups,
        list(GROUPINGS),
        "Age groups of faces that were aged before; a network's checkpoint tells its "
        "own. cacd: 11-20 to 51+. published: Age-cGAN's six, 0-18 to 60+. ffhq_aging: "
        "RAGAN's ten, 0-2 to 70+.",
        flag_values=values,
    )
    shared_flags.define_inversion(values)
    _define_draw(default, values)


def _define_judges(default, values):
    """Declares the judges."""
    flags.DEFINE_list(
        "recogniser",
        list(default.recognisers),
        "Recognisers: HSE, or as DeepFace calls them (Dlib, ArcFace, Facenet512, ...). "
        "HSE and Dlib are installed; others are downloaded, or their weights put where "
        "a message says. Dlib is a teacher of the shipped IPCGAN, and Age-cGAN's "
        "search uses it.",
        flag_values=values,
    )
    flags.DEFINE_list(
        "age_judge",
        list(default.age_judges),
        "Judges of age and gender: Dlib's predictors, HSE's network. The worse of both "
        "counts in a score, which needs both.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "hse_dir", default.hse_dir, "Folder of HSE's network.", flag_values=values
    )


def _define_draw(default, values):
    """Declares which faces are drawn, and what is measured instead of a report."""
    flags.DEFINE_enum(
        "split",
        default.split,
        ["validation", "test"],
        "Which faces of --root_folder: those to choose a network by, or those never "
        "looked at.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_faces",
        None,
        "How many faces to age. Of --root_folder they are drawn alike from all age "
        f"groups, default {default.num_faces} ({EVERY_CHECKPOINT_FACES} with "
        "--every_checkpoint); else the first ones, default all.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "seed", default.seed, "Seed of that draw.", lower_bound=0, flag_values=values
    )
    flags.DEFINE_bool(
        "every_checkpoint",
        False,
        "Score every checkpoint of a training run by the validation split of "
        "--root_folder, also while it runs, and name the best. Scores are kept in the "
        "run's scores.jsonl; checkpoints that are there are not scored again.",
        flag_values=values,
    )
    flags.DEFINE_list(
        "ages",
        [],
        "Print instead the judged ages of faces that were aged to these years, such as "
        "15,30,45,60,75; with --photos, of faces in photographs that were.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "calibrate_ages",
        False,
        "Age the validation split of --root_folder to all age groups, and write which "
        "ages these are judged at to config.json in --checkpoint_dir. Ages in years, "
        "such as those of test.py, are mixed by them from then on.",
        flag_values=values,
    )


def evaluate_config(values: flags.FlagValues) -> config.EvaluateConfig:
    """The only place where flags become a config."""
    every = values.every_checkpoint
    num_faces = EVERY_CHECKPOINT_FACES if every else config.EvaluateConfig().num_faces
    names = ("photos", "pairs", "ages", "every_checkpoint", "calibrate_ages")
    given = [name for name in names if getattr(values, name)]
    if len(given) > 1 and given != ["photos", "ages"]:
        raise app.UsageError(
            f"--{given[0]} and --{given[1]} exclude each other; only --photos and "
            "--ages go together."
        )
    choosing = every or values.calibrate_ages  # Never by faces of the test split.
    if not values.root_folder:
        num_faces = 0
        if choosing:
            raise app.UsageError(f"--{given[0]} needs --root_folder.")
    if values.ages and (values.aged_dir or values.csv):
        raise app.UsageError("--ages takes --root_folder, --source_dir or --photos.")
    return config.EvaluateConfig(
        checkpoint_dir=values.checkpoint_dir,
        report_dir=values.report_dir,
        dataset=values.dataset,
        root_folder=values.root_folder,
        split="validation" if choosing else values.split,
        num_faces=values.num_faces or num_faces,
        seed=values.seed,
        source_dir=values.source_dir,
        aged_dir=values.aged_dir,
        csv_file=values.csv,
        real_dir=values.real_dir,
        impostor_dir=values.impostor_dir,
        age_groups=values.age_groups,
        inversion=shared_flags.inversion_config(values),
        recognisers=_names(values.recogniser),
        age_judges=_names(values.age_judge),
        hse_dir=values.hse_dir,
        photos_dir=values.photos,
        pairs_file=values.pairs,
        ages=shared_flags.whole_years(values.ages),
    )


def _names(given):
    return tuple(dict.fromkeys(name.strip() for name in given))


def main(argv):
    """Prints the report; status 1 where a file or judge was left out of it."""
    settings = evaluate_config(flags.FLAGS)
    scoring, calibrating = flags.FLAGS.every_checkpoint, flags.FLAGS.calibrate_ages
    writes_report = not (settings.ages or scoring or calibrating)
    cli.run(checks.check, settings, writes_report)
    # Slow: they import the backend.
    from ipcgan.runs.evaluate import (
        calibration,
        evaluate,
        pairs,
        photographs,
        scores,
        single_years,
    )

    if settings.ages:
        cli.show(cli.run(single_years.evaluate_single_years, settings))
        return
    if scoring or calibrating:
        measure = scores.score if scoring else calibration.calibrate
        cli.show(cli.run(measure, settings))
        return
    run = evaluate.evaluate
    if settings.photos_dir:
        run = photographs.evaluate_photographs
    elif settings.pairs_file:
        run = pairs.evaluate_pairs
    result = cli.run(run, settings)
    cli.show(result.text)
    if result.left_out:
        print(f"{len(result.left_out)} left out, see the notes above.", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    cli.program(main, define_flags)
