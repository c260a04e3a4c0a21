"""The sample sheet: the same few faces, drawn at intervals during training."""

from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import report
from ipcgan.data import images, marks, sources
from ipcgan.inference import generation

SAMPLE_FACES = 8


def make_sampler(settings, sizes, groups, *, stages, generator, encoder=None):
    """Returns step -> a [H, W, 3] uint8 picture, which is also written to a file.

    Every row is a face and the same face at every age group. Of a family with an
    encoder, faces are drawn from random numbers until the encoder's stage; after that
    the sheet shows the encoder's reconstructions, too.

    Args:
        settings: a config.TrainConfig.
        sizes: of the networks.
        groups: age groups.
        stages: of the training run.
        generator: the network that ages.
        encoder: the network whose numbers the generator takes; None: it takes faces.

    Returns:
        The function, or None where no face can be read.
    """
    faces, own = _read_faces(settings, sizes.image_size, groups)
    if not len(faces):
        logging.warning("No samples will be drawn.")
        return None
    run = settings.run
    folder = Path(run.sample_dir or Path(run.checkpoint_dir) / "samples")
    folder.mkdir(parents=True, exist_ok=True)
    targets = tuple(range(len(groups)))
    noise = None
    if encoder is not None:
        noise = np.random.default_rng(run.seed).standard_normal(
            (len(faces), sizes.latent_size), np.float32
        )
    begin = _first_step_of(stages, "encoder")

    def draw(step):
        """Returns (names of columns before the groups', rows)."""
        if encoder is None:
            rows = generation.age_faces(generator, faces, targets)
            return ["input"], zip(faces[:, None], rows, strict=True)
        if step <= begin:
            rows = generation.generate(generator, noise, targets)
            return [], zip(rows, strict=True)
        latent = encoder.predict_on_batch([images.to_unit_range(faces), own])
        rows = generation.generate(generator, latent, targets)
        made = rows[np.arange(len(faces)), own]
        parts = faces[:, None], made[:, None], rows
        return ["input", "reconstructed"], zip(*parts, strict=True)

    def sample(step):
        before, parts = draw(step)
        columns = [*before, *groups.names]
        rows = [[face for part in row for face in part] for row in parts]
        sheet = report.contact_sheet(rows, columns)
        images.write_image(folder / f"{step:08d}.jpg", sheet, marks.AGED)
        return sheet

    return sample


def _first_step_of(stages, network):
    """Returns how many steps are done before the first that trains a network."""
    done = 0
    for stage in stages:
        if any(network in phase.trained for phase in stage.phases):
            return done
        done += stage.steps
    return done


def _read_faces(settings, size, groups):
    """Returns ([N, S, S, 3] uint8, [N] int32 own age groups) of the same few faces."""
    data = settings.data
    where = data.dataset, data.root_folder, data.source_file
    records = sources.read_split(*where, "validation", groups)
    records = records or sources.read_split(*where, "train", groups)
    chosen = np.random.default_rng(settings.run.seed).permutation(len(records))
    faces, own = [], []
    for position in chosen[: 4 * SAMPLE_FACES]:
        if len(faces) == SAMPLE_FACES:
            break
        try:
            face = images.read_image(records[position].path)
        except images.ImageError as error:
            logging.warning("Not among the samples: %s", error)
            continue
        faces.append(images.resize(face, size))
        own.append(records[position].group)
    empty = np.zeros((0, size, size, 3), np.uint8)
    return np.stack(faces) if faces else empty, np.array(own, np.int32)
