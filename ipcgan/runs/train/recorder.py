"""Writes a training run's folder: log, curves, samples, checkpoints."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import filelock
import numpy as np
from absl import logging
from tensorboardX import SummaryWriter

from ipcgan import atomic, checkpoints
from ipcgan.config import RunConfig
from ipcgan.runs.train import alike, continuation
from ipcgan.training.devices import ONE_DEVICE, Devices
from ipcgan.training.phase import Networks, Stage
from ipcgan.training.stages import lengths_of, optimizers_of, stage_at, weights_at
from ipcgan.training.trainer import read_terms

LOG = "log.jsonl"


class Recorder:
    """The `after_step` of a training run.

    Args:
        run: folder and intervals.
        networks: what a checkpoint holds.
        stages: their optimizers go into checkpoints, their weights into the log.
        state: what else a checkpoint's state.json holds, such as the seed.
        config: what config.json holds, in the run's folder and in every checkpoint.
        draw_sample: returns a [H, W, 3] uint8 picture, or None where there is none.
        devices: of the run; rank 0 alone writes, and all read what it wrote.
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
        devices: Devices = ONE_DEVICE,
    ):
        self.run = run
        self.folder = Path(run.checkpoint_dir)
        self.networks = networks
        self.stages = stages
        self.optimizers = optimizers_of(stages)
        with devices.scope():
            for stage in stages:
                for phase in stage.phases:
                    phase.optimizer.build(
                        [
                            weight
                            for name in phase.trained
                            for weight in networks[name].trainable_variables
                        ]
                    )
        self.state = state
        self.config = config
        self.draw_sample = draw_sample
        self.devices = devices
        self._writer: SummaryWriter | None = None
        self._lock: filelock.FileLock | None = None
        self._since_log: list[tuple[int, Mapping]] = []
        self._shown: dict[str, float] = {}
        self._started = time.monotonic()

    def resume(self) -> int:
        """Loads the newest checkpoint; returns the number of steps done (0: none).

        Log entries of steps that were lost are dropped: they are trained again.
        Settings that changed are recorded in the config, under "changes".

        Raises:
            checkpoints.CheckpointError: if it is of another training run, naming what
                differs, or broken.
        """
        writes = self.devices.rank == 0
        if writes:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock_folder()
        try:
            if writes:
                checkpoints.set_aside_damaged(
                    self.folder, checkpoints.newest(self.folder)
                )
            self.devices.texts("")  # The others read after that.
            done = self._restore()
            # All hosts need the same folder, and the same faces.
            alike.check(self.devices, {**self.state, "steps done": done})
            if writes:
                self._keep_log_until(done)
                checkpoints.write_json(self.folder / checkpoints.CONFIG, self.config)
        except BaseException:
            self.close()
            raise
        if writes:
            self._writer = SummaryWriter(
                str(self.folder / "tensorboard"), purge_step=done + 1
            )
        if done >= sum(stage.steps for stage in self.stages):
            logging.info("All %d steps were done before.", done)
        return done

    def __call__(self, done: int, terms: Mapping, last: bool) -> None:
        """Logs, draws and saves where it is time; saves where `last`."""
        if self._writer is None:
            return
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
                {**self.state, "step": done, "stages": lengths_of(self.stages)},
                config=self.config,
                max_to_keep=self.run.max_to_keep,
            )
            self._writer.flush()

    def close(self) -> None:
        """Closes the TensorBoard file and releases the folder."""
        if self._writer:
            self._writer.close()
        if self._lock:
            self._lock.release()

    def _restore(self):
        path = checkpoints.newest(self.folder)
        if path is None:
            return 0
        before = checkpoints.read_json(path / checkpoints.CONFIG)
        self.config = continuation.begun_as(before, self.config)
        changed = continuation.changed(path, before, self.config)
        state = checkpoints.restore(path, self.networks, self.optimizers)
        for name, value in self.state.items():
            if state.get(name) != value:
                raise checkpoints.CheckpointError(
                    f"{path}: was trained with {name} {state.get(name)}, not {value}."
                )
        continuation.check_stages(path, state, lengths_of(self.stages))
        done = state["step"]
        if done >= sum(stage.steps for stage in self.stages):
            self.config = before  # No step is left that a change could affect.
        else:
            self.config = continuation.with_changes(
                path, before, self.config, changed, done
            )
        return done

    def _lock_folder(self):
        # The system releases it when the process ends, in whatever way.
        self._lock = filelock.FileLock(self.folder / ".lock")
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            raise checkpoints.CheckpointError(
                f"{self.folder}: another training run is active there."
            ) from None

    def _keep_log_until(self, done):
        log = self.folder / LOG
        if not log.exists():
            return
        kept = []
        for number, line in enumerate(log.read_bytes().splitlines(), start=1):
            step = step_of(line)
            if not step:
                logging.warning("%s: line %d cannot be read: dropped.", log, number)
            elif step <= done:
                kept.append(line.decode())
        atomic.write_text(log, "".join(f"{line}\n" for line in kept))

    def _log(self, done):
        # A stage that began since the last entry has terms of its own: the entry is
        # about the newest. Not every step has every term.
        of_steps = {}
        for step, terms in self._since_log:
            if stage_at(self.stages, step) is stage_at(self.stages, done):
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
        weights = weights_at(self.stages, done)
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


def step_of(line: bytes) -> int:
    """Returns the step of a line of LOG; 0 where it is damaged or cut off."""
    try:
        step = json.loads(line)["step"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0
    return step if type(step) is int and step > 0 else 0
