"""Evaluation of a checkpoint on faces that it was not trained on, from a config."""

import dataclasses
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import age_groups, checkpoints, config, report
from ipcgan.data import images, sources
from ipcgan.data.records import DataError
from ipcgan.evaluation import age, identity, intervals
from ipcgan.inference.ager import FaceAger

RESULT = "report.json"


@dataclasses.dataclass(frozen=True)
class _Seen:
    """What the judges say of one picture of each person, [N]."""

    ages: np.ndarray  # years
    genders: np.ndarray
    distances: np.ndarray  # from the person's own face

    def same_person(self, threshold):
        return (self.distances <= threshold).astype(float)


def evaluate(settings: config.EvaluateConfig) -> str:
    """Ages unseen faces to every group and asks independent judges.

    Writes report.json, report.md and faces.png (the first of them) to report_dir.

    Returns:
        The report as Markdown.

    Raises:
        DataError: if there are no faces to evaluate on.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        identity.MissingWeightsError: if a judge's weights are missing.
    """
    data, folder = settings.data, Path(settings.report_dir)
    records = sources.read_split(
        data.dataset, data.root_folder, data.source_file, settings.split
    )
    if settings.max_source_age:
        records = [r for r in records if r.age and r.age <= settings.max_source_age]
    if len(records) < 2:
        raise DataError(f"{data.root_folder}: no faces in its {settings.split} split.")
    ager = FaceAger.from_checkpoint(settings.checkpoint_dir)
    random = np.random.default_rng(settings.seed)
    order = random.permutation(len(records))
    faces, unreadable = _read_faces(records, order, settings.num_faces)
    if len(faces) < 2:
        raise DataError(f"{data.root_folder}: fewer than two readable faces.")
    faces = np.stack([images.resize(face, ager.image_size) for face in faces])
    groups = tuple(range(len(ager.group_names)))
    aged = ager(faces, groups)

    folder.mkdir(parents=True, exist_ok=True)
    recogniser = identity.DlibRecogniser(folder / "deepface")
    judge = age.AgeJudge()
    own = np.stack([recogniser.describe(f) for f in tqdm(faces, desc="own faces")])
    pairs = _stranger_distances(own)
    threshold = float(np.quantile(pairs, 1e-3))

    source = _look(faces, own, recogniser, judge, "sources")
    per_group = [
        _look(aged[:, column], own, recogniser, judge, ager.group_names[column])
        for column in groups
    ]
    real = _real_ages(records, order, judge, settings.num_faces)
    result = _summary(ager.group_names, source, per_group, real, threshold)
    result["faces"] = len(faces)
    result["unreadable"] = unreadable
    passing = (pairs <= identity.DLIB_THRESHOLD).astype(float)
    result["strangers_same_at_0.6"] = float(passing.mean())
    result["checkpoint_dir"] = settings.checkpoint_dir
    result["split"] = settings.split
    text = _markdown(result)

    checkpoints.write_json(folder / RESULT, result)
    (folder / "report.md").write_text(text)
    rows = [[f, *a] for f, a in zip(faces[:24], aged[:24], strict=True)]
    sheet = report.contact_sheet(rows, ["input", *ager.group_names], blocks=2)
    images.write_image(folder / "faces.png", sheet)
    return text


def _look(faces, own, recogniser, judge, name):
    answers, distances = [], []
    for face, descriptor in zip(tqdm(faces, desc=name, unit="face"), own, strict=True):
        answers.append(judge.judge(face))
        distances.append(np.linalg.norm(recogniser.describe(face) - descriptor))
    ages, genders = zip(*answers, strict=True)
    return _Seen(np.array(ages), np.array(genders), np.array(distances))


def _stranger_distances(descriptors):
    """Distances of all pairs of people, whom we take for strangers."""
    first, second = np.triu_indices(len(descriptors), 1)
    return identity.distances(descriptors[first], descriptors[second])


def _read_faces(records, order, at_most):
    """Reads the first readable faces in an order; returns them and the bad paths."""
    faces, unreadable = [], []
    for position in order:
        if len(faces) == at_most:
            break
        try:
            faces.append(images.read_image(records[position].path))
        except images.ImageError as error:
            unreadable.append(str(error))
    return faces, unreadable


def _real_ages(records, order, judge, at_most):
    """What the judge says of real faces of each group: [K] lists of years."""
    result = []
    for group, name in enumerate(age_groups.NAMES):
        of_group = [i for i in order if records[i].group == group]
        faces, _ = _read_faces(records, of_group, at_most)
        bar = tqdm(faces, desc=f"real {name}", unit="face")
        result.append([judge.judge(face)[0] for face in bar])
    return result


def _summary(names, source, per_group, real, threshold):
    rows = {}
    for name, seen, ages in zip(names, per_group, real, strict=True):
        rows[name] = {
            "judged_age": intervals.mean_interval(seen.ages),
            "real_age": intervals.mean_interval(ages),
            "distance": intervals.mean_interval(seen.distances),
            "same_at_0.6": intervals.mean_interval(
                seen.same_person(identity.DLIB_THRESHOLD)
            ),
            "same_at_fmr_0.001": intervals.mean_interval(seen.same_person(threshold)),
            "gender_kept": intervals.mean_interval(seen.genders == source.genders),
        }
    ages = np.stack([seen.ages for seen in per_group], axis=1)
    return {
        "groups": rows,
        "threshold_at_fmr_0.001": threshold,
        "source_judged_age": intervals.mean_interval(source.ages),
        "oldest_minus_21_30": intervals.mean_interval(ages[:, -1] - ages[:, 1]),
        "never_steps_back": intervals.mean_interval(age.never_steps_back(ages[:, 1:])),
    }


def _markdown(result):
    strict = result["threshold_at_fmr_0.001"]
    header = [
        "target",
        "judged age, years",
        "real faces",
        f"same person at {identity.DLIB_THRESHOLD}, %",
        f"at {strict:.3f} (1 stranger in 1,000), %",
        "gender kept, %",
    ]
    rows = [
        [
            name,
            intervals.text(row["judged_age"]),
            f"{row['real_age'][0]:.1f}",
            intervals.text(row["same_at_0.6"], 100),
            intervals.text(row["same_at_fmr_0.001"], 100),
            intervals.text(row["gender_kept"], 100),
        ]
        for name, row in result["groups"].items()
    ]
    return "\n".join(
        [
            f"{result['faces']} faces of the {result['split']} split, "
            f"{result['checkpoint_dir']}; 95 % bootstrap intervals over people.",
            "",
            report.markdown_table(header, rows),
            "",
            "Judged 51+ minus judged 21-30: "
            f"{intervals.text(result['oldest_minus_21_30'])} years. Judged age never "
            "steps back from 21-30 to 51+: "
            f"{intervals.text(result['never_steps_back'], 100)} % of people. The "
            f"untouched sources: {intervals.text(result['source_judged_age'])} years. "
            f"Of two different sources {100 * result['strangers_same_at_0.6']:.1f} % "
            f"pass as one person at {identity.DLIB_THRESHOLD}.",
            "",
        ]
    )
