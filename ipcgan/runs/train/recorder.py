"""What a training leaves in its folder: log, curves, samples, checkpoints."""

import fcntl
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from absl import logging
from tensorboardX import SummaryWriter

from ipcgan import checkpoints
from ipcgan.config import RunConfig
from ipcgan.training.phase import Networks, Stage
from ipcgan.training.trainer import read_terms

LOG = "log.jsonl"


class Recorder:
    """The `after_step` of a training.

    Args:
        run: folder and intervals.
        networks: what a checkpoint holds.
        stages: their optimizers go into checkpoints, their weights into the log.
        state: what else a checkpoint's state.json holds, such as the seed.
        config: what config.json holds, in the run's folder and in every checkpoint.
        draw_sample: returns a [H, W, 3] uint8 picture, or None where there is none.
    """

    def __init__(
        self,
        run: RunConfig,
        *,
        networks: Networks,
        stages: list[Stage],
        state: dict,
        config: dict,
        draw_sample: Callable | None = None,
    ):
        self.run = run
        self.folder = Path(run.checkpoint_dir)
        self.networks = networks
        self.stages = stages
        self.optimizers = _optimizers(stages)
        for stage in stages:
            for phase in stage.phases:
                phase.optimizer.build(
                    [w for n in phase.trained for w in networks[n].trainable_variables]
                )
        self.state = state
        self.config = config
        self.draw_sample = draw_sample
        self._since_log: list[tuple[int, Mapping]] = []
        self._shown: dict[str, float] = {}
        self._started = time.monotonic()

    def resume(self) -> int:
        """Loads the newest checkpoint; returns the number of steps done (0: none).

        Log entries of steps that were lost are dropped: they are trained again. What
        goes on otherwise than before is told in the config, under "changes".

        Raises:
            checkpoints.CheckpointError: if it is of another training, naming what
                differs, or broken.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock_folder()
        try:
            done = self._restore()
            self._keep_log_until(done)
            checkpoints.write_json(self.folder / checkpoints.CONFIG, self.config)
        except BaseException:
            self._lock.close()
            raise
        self._writer = SummaryWriter(
            str(self.folder / "tensorboard"), purge_step=done + 1
        )
        if done >= sum(stage.steps for stage in self.stages):
            logging.info("All %d steps were done before.", done)
        return done

    def __call__(self, done: int, terms: Mapping, last: bool) -> None:
        """Logs, draws and saves where it is time; saves where `last`."""
        self._show_shares(done, terms)
        self._since_log.append((done, terms))
        if last or done % self.run.log_interval == 0:
            self._log(done)
        if self.draw_sample and (last or done % self.run.sample_interval == 0):
            picture = self.draw_sample(done)
            if picture is not None:
                self._writer.add_image("samples", picture, done, dataformats="HWC")
        if last or done % self.run.save_interval == 0:
            checkpoints.save(
                self.folder,
                self.networks,
                self.optimizers,
                {**self.state, "step": done, "stages": _lengths(self.stages)},
                config=self.config,
                max_to_keep=self.run.max_to_keep,
            )
            self._writer.flush()

    def close(self) -> None:
        """Ends the TensorBoard file and lets go of the folder."""
        self._writer.close()
        self._lock.close()

    def _restore(self):
        path = checkpoints.newest(self.folder)
        if path is None:
            return 0
        before = checkpoints.read_json(path / checkpoints.CONFIG)
        self.config = _begun_as(before, self.config)
        changed = _changed(path, before, self.config)
        state = checkpoints.restore(path, self.networks, self.optimizers)
        for name, value in self.state.items():
            if state.get(name) != value:
                raise checkpoints.CheckpointError(
                    f"{path}: was trained with {name} {state.get(name)}, not {value}."
                )
        _check_stages(path, state, _lengths(self.stages))
        done = state["step"]
        if done >= sum(stage.steps for stage in self.stages):
            self.config = before  # Nothing will be trained otherwise.
        else:
            self.config = _with_changes(path, before, self.config, changed, done)
        return done

    def _lock_folder(self):
        self._lock = (self.folder / ".lock").open("w")
        try:
            # Let go by the system when the process ends, however it ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise checkpoints.CheckpointError(
                f"{self.folder}: another training is running there."
            ) from None

    def _keep_log_until(self, done):
        log = self.folder / LOG
        if not log.exists():
            return
        partial = self.folder / f".{LOG}.partial"
        kept = [x for x in log.read_text().splitlines() if 0 < _step_of(x) <= done]
        partial.write_text("".join(f"{line}\n" for line in kept))
        partial.replace(log)

    def _log(self, done):
        # A stage that began since the last entry has terms of its own: the entry is
        # about the newest. Not every step has every term.
        of_steps = {}
        for step, terms in self._since_log:
            if _stage_at(self.stages, step) is _stage_at(self.stages, done):
                for name, value in read_terms(step, terms).items():
                    of_steps.setdefault(name, []).append(value)
        means = {name: float(np.mean(values)) for name, values in of_steps.items()}
        seconds = (time.monotonic() - self._started) / len(self._since_log)
        means["seconds_per_step"] = round(seconds, 4)
        with (self.folder / LOG).open("a") as file:
            file.write(json.dumps({"step": done, **means}) + "\n")
        for name, value in means.items():
            self._writer.add_scalar(name, value, done)
        self._since_log.clear()
        self._started = time.monotonic()

    def _show_shares(self, done, terms):
        """Logs every term, its weight and their product where weights are new."""
        weights = _weights_at(self.stages, done)
        if all(self._shown.get(name) == weights[name] for name in terms):
            return
        self._shown |= {name: weights[name] for name in terms}
        for name, value in read_terms(done, terms).items():
            weight = weights[name]
            logging.info(
                "Step %d: %s %.4g x weight %.4g = %.4g",
                done,
                name,
                value,
                weight,
                value * weight,
            )


def _optimizers(stages):
    """Returns every optimizer once, by the name of the first phase that has it."""
    names = {}
    for stage in stages:
        for phase in stage.phases:
            names.setdefault(id(phase.optimizer), (phase.name, phase.optimizer))
    return dict(names.values())


def _stage_at(stages, step):
    """Returns the stage of a step, counted from 1."""
    end = 0
    for stage in stages:
        end += stage.steps
        if step <= end:
            break
    return stage


def _weights_at(stages, step):
    """Returns {phase/term: weight} of a step, counted from 1."""
    return {
        f"{phase.name}/{name}": weight
        for phase in _stage_at(stages, step).phases
        for name, weight in phase.weights.items()
    }


def _step_of(line):
    """The step of a log entry; 0 for a line that a kill cut off."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return 0


def _lengths(stages):
    """Returns [name, steps] of all stages that have phases of their own."""
    result, before = [], None
    for stage in stages:
        phases = [phase.name for phase in stage.phases]
        if phases == before:
            result[-1][1] += stage.steps
        else:
            result.append([stage.name, stage.steps])
        before = phases
    return result


def _check_stages(path, state, now):
    """What was trained in a later stage cannot go back to a longer earlier one."""
    end = 0
    for number, (name, steps) in enumerate(state.get("stages", [])):
        end += steps
        if state["step"] > end and now[number : number + 1] != [[name, steps]]:
            raise checkpoints.CheckpointError(
                f"{path}: is beyond its stage {name}, which had {steps} steps; the "
                f"stages are now {', '.join(f'{n} ({s})' for n, s in now)}. Give the "
                "flags of before, or another --checkpoint_dir to train from the start."
            )


# What a continuation must not change: the networks, and which optimizers there are.
_FIXED = (
    "family",
    "groups",
    "sizes.",
    "pretraining.tasks",
)


# Where and how often a training writes, and how far one command goes: what comes out
# is the same.
_WITHOUT_EFFECT = (
    "checkpoint_dir",
    "sample_dir",
    "save_interval",
    "sample_interval",
    "log_interval",
    "max_to_keep",
    "stage",
    "memory_gigabytes",
    "descriptor_cache",
)


def _begun_as(before, config):
    """Returns a config that tells what a training began with, not what it goes on with.

    Where `before` does not tell it, nobody knows.
    """
    name = checkpoints.BEGUN_WITH
    kept = {key: value for key, value in config.items() if key != name}
    return {**kept, name: before[name]} if name in before else kept


def _changed(path, before, config):
    """Returns {key: [before, now]} of two configs; warns of each.

    Settings that one of them does not know are of another version: their defaults.

    Raises:
        checkpoints.CheckpointError: for what a continuation must not change.
    """
    before, after = _flat(before), _flat(json.loads(json.dumps(config)))
    changed = {
        key: [before[key], after[key]]
        for key in sorted(before.keys() & after.keys())
        if before[key] != after[key]
    }
    fixed = [k for k in changed if k.startswith(_FIXED)]
    if fixed:
        raise checkpoints.CheckpointError(
            f"{path}: is of another training: "
            + ", ".join(f"{k} was {before[k]}, now {after[k]}" for k in fixed)
            + ". Give another --checkpoint_dir or the flags of before."
        )
    for key in changed:
        logging.warning("Going on with %s %s; was %s.", key, after[key], before[key])
    return changed


def _with_changes(path, before, config, changed, done):
    """Returns a config that tells its changes too: those of before, and at this step.

    They are told by the checkpoint that a training goes on from, so that a change is
    lost together with the steps that were trained with it, and told once.
    """
    changes = checkpoints.changes(before, path / checkpoints.CONFIG)
    changed = {
        key: values
        for key, values in changed.items()
        if key.rpartition(".")[2] not in _WITHOUT_EFFECT
    }
    if changed:
        changes = [*changes, {"step": done, **changed}]
    return {**config, checkpoints.CHANGES: changes} if changes else config


def _flat(values, prefix=""):
    """Returns {"sizes.image_size": 128, ...} of nested dicts."""
    result = {}
    for key, value in values.items():
        if isinstance(value, dict):
            result |= _flat(value, f"{prefix}{key}.")
        else:
            result[prefix + key] = value
    return result
