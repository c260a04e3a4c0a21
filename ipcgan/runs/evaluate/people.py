"""Reads the faces that an evaluation's settings name, and ages them."""

from pathlib import Path

import numpy as np

from ipcgan import config
from ipcgan.age_groups import AgeGroups
from ipcgan.data import aged_files, images, sources
from ipcgan.data.faces import Faces, read_faces, spread_over_groups
from ipcgan.data.records import DataError, Record
from ipcgan.evaluation.sample import AgedSample, Sample
from ipcgan.inference.ager import FaceAger

_MAX_SIZE = 256  # pixels at most, of faces that were aged earlier.


def read_sample(
    settings: config.EvaluateConfig, image_size: int | None, groups: AgeGroups
) -> Sample:
    """Reads the faces that the settings name.

    Args:
        settings: with one of root_folder, csv_file, and source_dir or aged_dir.
        image_size: of the network; None where the faces have been aged: their own.
        groups: that faces are aged to.

    Raises:
        DataError: if they cannot be used.
        config.ConfigError: if the settings name none, or several.
    """
    named = [settings.root_folder, settings.csv_file]
    named.append(settings.source_dir or settings.aged_dir)
    if sum(map(bool, named)) != 1:
        raise config.ConfigError(
            "Expected one of --root_folder, --csv, and --source_dir or --aged_dir."
        )
    if settings.root_folder and image_size:
        return read_split_sample(settings, image_size, groups)
    return _read_own_sample(settings, image_size, groups)


def read_split_sample(
    settings: config.EvaluateConfig, image_size: int, groups: AgeGroups
) -> Sample:
    """Draws people from a split of a data set, alike from all age groups.

    Real faces, by which they are measured, are up to num_faces of each group.

    Raises:
        DataError: if there are fewer than two readable faces.
    """
    records = sources.read_split(
        settings.dataset, settings.root_folder, "", settings.split, groups
    )
    order = spread_over_groups(records, np.random.default_rng(settings.seed))
    people, unreadable = read_faces(order, image_size, settings.num_faces)
    if len(people) < 2:
        raise DataError(
            f"{settings.root_folder}: {len(people)} readable faces in its "
            f"{settings.split} split of {len(records)}; expected at least two."
        )
    real_records = []
    for group in sorted({r.group for r in order if r.group is not None}):
        of_group = [record for record in order if record.group == group]
        real_records += of_group[: settings.num_faces]
    real, unreadable_too = read_faces(real_records, image_size)
    title = (
        f"{len(people)} faces of the {settings.split} split, drawn alike from all age "
        f"groups (seed {settings.seed}), {image_size} pixels; 95 % bootstrap "
        f"intervals over people. Real faces: {len(real)} of the same split."
    )
    reasons = list(dict.fromkeys([*unreadable, *unreadable_too]))
    return Sample(title, people, real, real, groups, reasons, notes=[])


def _read_own_sample(settings, image_size, groups):
    """Faces of a folder or a CSV file, and their aged faces, if any."""
    notes, aged = [], None
    if settings.csv_file:
        aged = aged_files.read_csv(Path(settings.csv_file), groups)
        records = [
            sources.read_name(settings.dataset, path, path.parent, groups)
            or Record(path, None)
            for path in aged
        ]
        _note_on_names(records, settings.dataset, notes)
    else:
        folder = settings.source_dir or settings.aged_dir
        records, _ = sources.read_any_names(settings.dataset, Path(folder), groups)
        if settings.aged_dir:
            own = [r.path for r in records] if settings.source_dir else None
            aged = aged_files.read_aged_folder(Path(settings.aged_dir), own, groups)
            records = [record for record in records if record.path in aged]
        _note_on_names(records, settings.dataset, notes)
    if image_size is None:
        image_size = _size_of(aged)
    at_most = settings.num_faces or None
    people, unreadable = read_faces(records, image_size, at_most)
    if not len(people):
        raise DataError("None of the sources can be read:\n" + "\n".join(unreadable))

    real, why_not_real = _read_real(settings, people, image_size, groups, notes)
    strangers, why_not = people, []
    if settings.impostor_dir:
        folder = Path(settings.impostor_dir)
        others, _ = sources.read_any_names(settings.dataset, folder, groups)
        strangers, why_not = read_faces(others, image_size)
    where = settings.csv_file or settings.source_dir or settings.aged_dir
    title = (
        f"{len(people)} faces of {where}, {image_size} pixels; 95 % bootstrap "
        f"intervals over people. Real faces: {len(real)}."
    )
    reasons = [*unreadable, *why_not_real, *why_not]
    return Sample(title, people, real, strangers, groups, reasons, notes, aged)


def _note_on_names(records, dataset, notes):
    silent = sum(record.age is None and record.group is None for record in records)
    if silent:
        notes.append(
            f"Of {len(records)} names {silent} are not as in --dataset={dataset}: "
            "those people's age group is judged, and they are in no figures by label."
        )


def _read_real(settings, people, image_size, groups, notes):
    """Real faces of known groups: of --real_dir, else the sources that have one."""
    if settings.real_dir:
        records = sources.READERS[settings.dataset](Path(settings.real_dir), groups)
        grouped = [record for record in records if record.group is not None]
        real, unreadable = read_faces(grouped, image_size)
    else:
        real, unreadable = people.at(people.groups >= 0), []
        notes.append(
            "Real faces are the sources themselves."
            if len(real)
            else "No real faces of known age (--real_dir names some): figures that "
            "need them are missing."
        )
    missing = set(range(len(groups))) - set(real.groups.tolist())
    if missing and len(real):
        names = ", ".join(groups.names[group] for group in sorted(missing))
        notes.append(f"No real faces of {names}.")
    return real, unreadable


def _size_of(aged):
    """The size of the first aged face that can be read, at most _MAX_SIZE."""
    for files in aged.values():
        for path in files.values():
            try:
                return min(_MAX_SIZE, *images.read_image(path).shape[:2])
            except images.ImageError:
                continue
    raise DataError("None of the aged faces can be read.")


def age(ager: FaceAger, people: Faces) -> AgedSample:
    """Ages people to every age group of the network."""
    targets = tuple(range(len(ager.group_names)))
    result = ager.age(people.pixels, targets, source_groups=people.groups)
    made = np.ones(result.faces.shape[:2], bool)
    return AgedSample(result.faces, made, result.reconstructions, result.judged)


def read_aged(
    people: Faces, aged: aged_files.AgedFiles, num_groups: int
) -> tuple[AgedSample, list[str]]:
    """Reads the aged faces of people.

    Args:
        people: N faces of S pixels.
        aged: their files.
        num_groups: K.

    Returns:
        (the faces, black where there is none; why files could not be read).
    """
    size = people.pixels.shape[1]
    shape = (len(people), num_groups)
    faces = np.zeros((*shape, size, size, 3), np.uint8)
    made = np.zeros(shape, bool)
    unreadable = []
    for row, record in enumerate(people.records):
        for group, path in aged[record.path].items():
            try:
                faces[row, group] = images.resize(images.read_image(path), size)
            except images.ImageError as error:
                unreadable.append(str(error))
                continue
            made[row, group] = True
    return AgedSample(faces, made), unreadable
