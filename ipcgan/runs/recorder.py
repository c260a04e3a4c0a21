"""What a training leaves in its folder: log, curves, samples, checkpoints."""

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
        self.optimizers = {p.name: p.optimizer for s in stages for p in s.phases}
        for stage in stages:
            for phase in stage.phases:
                phase.optimizer.build(
                    [w for n in phase.trained for w in networks[n].trainable_variables]
                )
        self.weights = {
            f"{p.name}/{name}": weight
            for s in stages
            for p in s.phases
            for name, weight in p.weights.items()
        }
        self.state = state
        self.config = config
        self.draw_sample = draw_sample
        self._since_log = []
        self._shown = set()
        self._started = time.monotonic()

    def resume(self) -> int:
        """Loads the newest checkpoint; returns the number of steps done (0: none).

        Log entries of steps that were lost are dropped: they are trained again.

        Raises:
            checkpoints.CheckpointError: if it is of another training, naming what
                differs, or broken.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = checkpoints.newest(self.folder)
        done = 0
        if path is not None:
            _check_same_training(path, self.config)
            state = checkpoints.restore(path, self.networks, self.optimizers)
            for name, value in self.state.items():
                if state.get(name) != value:
                    raise checkpoints.CheckpointError(
                        f"{path}: was trained with {name} {state.get(name)}, "
                        f"not {value}."
                    )
            done = state["step"]
        log = self.folder / LOG
        if log.exists():
            kept = [
                line
                for line in log.read_text().splitlines(keepends=True)
                if line.endswith("}\n") and json.loads(line)["step"] <= done
            ]
            partial = self.folder / f".{LOG}.partial"
            partial.write_text("".join(kept))
            partial.replace(log)
        checkpoints.write_json(self.folder / checkpoints.CONFIG, self.config)
        self._writer = SummaryWriter(str(self.folder / "tensorboard"), purge_step=done)
        return done

    def __call__(self, done: int, terms: Mapping[str, float], last: bool) -> None:
        """Logs, draws and saves where it is time; saves where `last`."""
        self._show_shares(done, terms)
        self._since_log.append(terms)
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
                {**self.state, "step": done},
                config=self.config,
                max_to_keep=self.run.max_to_keep,
            )
            self._writer.flush()

    def close(self) -> None:
        """Ends the TensorBoard file."""
        self._writer.close()

    def _log(self, done):
        # A stage that began since the last entry has terms of its own: the entry is
        # about the newest.
        names = self._since_log[-1].keys()
        entries = [terms for terms in self._since_log if terms.keys() == names]
        means = {n: float(np.mean([terms[n] for terms in entries])) for n in names}
        seconds = (time.monotonic() - self._started) / len(self._since_log)
        means["seconds_per_step"] = round(seconds, 4)
        with (self.folder / LOG).open("a") as file:
            file.write(json.dumps({"step": done, **means}) + "\n")
        for name, value in means.items():
            self._writer.add_scalar(name, value, done)
        self._since_log.clear()
        self._started = time.monotonic()

    def _show_shares(self, done, terms):
        phases = {name.split("/")[0] for name in terms}
        if phases <= self._shown:
            return
        self._shown |= phases
        for name, value in terms.items():
            weight = self.weights[name]
            logging.info(
                "Step %d: %s %.4g x weight %.4g = %.4g",
                done,
                name,
                value,
                weight,
                value * weight,
            )


def _check_same_training(path, config):
    """Compares what must not change between a checkpoint and its continuation."""
    before = checkpoints.read_json(path / checkpoints.CONFIG)
    if before.get("family") != config.get("family"):
        raise checkpoints.CheckpointError(
            f"{path}: is of family {before.get('family')}, the flags say "
            f"{config.get('family')}. Give another --checkpoint_dir."
        )
    differences = _differences(before, config, "sizes")
    if differences:
        raise checkpoints.CheckpointError(
            f"{path}: is of another training: "
            + ", ".join(f"{name} was {a}, now {b}" for name, a, b in differences)
            + ". Give another --checkpoint_dir or the flags of before."
        )
    for key in ("recipe", "run", "data"):
        for name, was, now in _differences(before, config, key):
            logging.warning("Going on with %s %s; until now %s.", name, now, was)


def _differences(before, after, key):
    """Returns (name, before, after) of entries that both have and that differ."""
    was, now = before.get(key) or {}, after.get(key) or {}
    names = sorted(was.keys() & now.keys())
    return [(n, was[n], now[n]) for n in names if was[n] != now[n]]
