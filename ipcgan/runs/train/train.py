"""Trains an ageing family, from a config."""

import dataclasses
import types

import numpy as np

from ipcgan import checkpoints, config, families
from ipcgan.runs.train import alike, recipe_files
from ipcgan.runs.train.begin import begin, stages_until
from ipcgan.runs.train.checks import ALL
from ipcgan.runs.train.recorder import Recorder
from ipcgan.runs.train.sample_sheet import make_sampler
from ipcgan.training.devices import ONE_DEVICE, Devices
from ipcgan.training.interruption import Interruption
from ipcgan.training.precision import dtype_policy
from ipcgan.training.step import make_average
from ipcgan.training.trainer import train

_AVERAGE = "generator_average"


def train_family(
    settings: config.TrainConfig,
    interruption: Interruption | None = None,
    devices: Devices = ONE_DEVICE,
) -> int:
    """Trains, or resumes training, in settings.run.checkpoint_dir.

    Args:
        settings: of the training run.
        interruption: as for trainer.train.
        devices: that share each batch.

    Returns:
        The number of steps done in all; less than its stages have after an
        interruption.

    Raises:
        DataError: if the faces cannot be used.
        config.ConfigError: if the settings do not fit the family.
        checkpoints.CheckpointError: if what is in the folder is of another training
            run, or the face AlexNet cannot be used.
        LostHostError: if another process of the run is gone.
    """
    with devices.watched():
        if devices.processes > 1:
            alike.check(devices, alike.described(settings))
        return _train(settings, interruption, devices)


def _train(settings, interruption, devices):
    run, parts = settings.run, begin(settings, devices)
    faces = len(parts.batches.store.records)
    networks, stages = parts.networks, parts.stages
    wanted = stages_until(stages, run.stage)
    kept = {**networks, _AVERAGE: parts.average}
    recorder = Recorder(
        run,
        networks=kept,
        stages=stages,
        state={"seed": run.seed, "batch_size": run.batch_size, "faces": faces},
        config=_describe(settings, parts.groups),
        draw_sample=_sampler(settings, parts, devices) if devices.rank == 0 else None,
        devices=devices,
    )
    start = recorder.resume()
    momentum = parts.recipe.average_momentum
    follow = _follower(
        make_average(networks["generator"], parts.average, devices.engine),
        stages,
        momentum,
    )

    def after_step(done, terms, last):
        follow(done, terms)
        recorder(done, terms, last)

    everyone = {**kept, **parts.teachers}
    try:
        _check_ready(start, wanted, run.stage)
        return train(
            everyone,
            wanted,
            parts.batches,
            after_step,
            start,
            interruption,
            devices,
        )
    finally:
        recorder.close()


def steps_wanted(settings: config.TrainConfig) -> int:
    """Returns how many steps the settings ask for, those done before included."""
    family = families.FAMILIES[settings.family]
    recipe = config.from_json(family.recipe, settings.recipe)
    stages = family.implementation.stages(recipe, settings.run)
    return sum(stage.steps for stage in stages_until(stages, settings.run.stage))


def _check_ready(done, wanted, name):
    """A stage that was named does not begin until all earlier stages are done."""
    before = sum(stage.steps for stage in wanted[:-1])
    if name != ALL and done < before:
        raise checkpoints.CheckpointError(
            f"--stage={name}: of the {before} steps before it {done} are done. Run "
            f"--stage={wanted[-2].name} or --stage={ALL} first, or take the networks "
            f"as they are with --max_steps={done}."
        )


def _follower(move, stages, momentum):
    """Returns what moves the average after each step that trains the generator."""
    moving = {p.name for s in stages for p in s.phases if "generator" in p.trained}

    def follow(done, terms):
        if not moving.isdisjoint(name.split("/")[0] for name in terms):
            # Early on it follows quickly, or it would remember the first weights.
            move(np.float32(min(momentum, (1.0 + done) / (10.0 + done))))

    return follow


def _sampler(settings, parts, devices):
    """Returns what draws samples; see sample_sheet.make_sampler."""
    code = families.FAMILIES[settings.family].implementation
    shown = {"generator": parts.average, "encoder": parts.networks.get("encoder")}
    if devices.count > 1:
        builds = {"generator": code.build_generator, **code.build_others}
        with dtype_policy(settings.run.mixed_precision):
            shown |= {
                name: _copied(shown[name], build(parts.sizes))
                for name, build in builds.items()
                if shown.get(name)
            }
    return make_sampler(
        settings, parts.sizes, parts.groups, stages=parts.stages, **shown
    )


def _copied(network, copy):
    """Returns what predicts as a network on many devices does, on one device.

    The network itself computes where all processes ask it to; rank 0 alone draws.
    """

    def predict_on_batch(inputs):
        copy.set_weights(network.get_weights())
        return copy.predict_on_batch(inputs)

    return types.SimpleNamespace(predict_on_batch=predict_on_batch)


def _describe(settings, groups):
    """Returns what config.json holds: enough to age a face, and to train again."""
    return {
        **recipe_files.describe(settings),
        "groups": list(groups.names),
        "run": dataclasses.asdict(settings.run),
        "data": dataclasses.asdict(settings.data),
        checkpoints.BEGUN_WITH: settings.init_from,
    }
