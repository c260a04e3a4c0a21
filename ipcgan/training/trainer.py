"""The loop: for each step, for each phase."""

import math
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from absl import logging
from keras import ops
from tqdm import tqdm

from ipcgan.data.prefetch import prefetch
from ipcgan.training.devices import ONE_DEVICE, Devices
from ipcgan.training.interruption import Interruption
from ipcgan.training.phase import Networks, Stage
from ipcgan.training.step import make_update

# By how many steps the terms' values are read late. Whoever reads a value waits until
# it is computed, and a device that is waited for idles meanwhile.
READ_LATE = 4


class NotFiniteError(ArithmeticError):
    """A loss or weight is NaN or infinite; the message names it and the step."""


def train(
    networks: Networks,
    stages: Sequence[Stage],
    make_batch: Callable,
    after_step: Callable,
    start: int = 0,
    interruption: Interruption | None = None,
    devices: Devices = ONE_DEVICE,
) -> int:
    """Trains from step `start` to the end of the last stage, or until interrupted.

    Args:
        networks: all networks, trained and frozen.
        stages: what to do, in order.
        make_batch: step -> batch; steps are counted from 0.
        after_step: called with (steps done, {phase/term: unweighted value}, last):
            logs, samples and saves; `last` is true when no step follows. The values
            are the backend's scalars, perhaps still being computed: see `read_terms`.
        start: number of steps that have been done before.
        interruption: notes Ctrl-C and SIGTERM, for a caller who asks which it was. Of
            several processes all end after the same step, whichever was signalled.
        devices: that share each batch; of which `make_batch` makes the own share.

    Returns:
        The number of steps done in all; less than asked for after Ctrl-C or SIGTERM,
        which end the run after the current step.

    Raises:
        NotFiniteError: if a term is NaN or infinite; noticed up to READ_LATE steps
            later.
    """
    total = sum(stage.steps for stage in stages)
    batches = prefetch(make_batch, start)
    done, begin, stop = start, 0, False
    interruption = interruption or Interruption()
    agreed = _agreement(devices)
    unread: deque = deque()
    with (
        interruption.noted(),
        tqdm(
            total=total,
            initial=start,
            unit="step",
            smoothing=0.05,
            dynamic_ncols=True,
            disable=devices.rank > 0,
        ) as bar,
    ):
        for stage in stages:
            end = begin + stage.steps
            if done < end:
                bar.set_description(stage.name)
                updates = [
                    (p, make_update(p, networks, devices.engine)) for p in stage.phases
                ]
            while done < end and not stop:
                terms = _one_step(updates, next(batches), done)
                done += 1
                bar.update()
                signalled = agreed(interruption.signal)
                stop = signalled is not None
                interruption.signal = interruption.signal or signalled
                last = done == total or stop
                unread.append((done, terms))
                while len(unread) > (0 if last else READ_LATE):
                    bar.set_postfix_str(_in_short(read_terms(*unread.popleft())))
                after_step(done, terms, last)
            begin = end
    batches.close()
    if stop:
        logging.info(
            "Interrupted: saved after step %d; run the command again to resume.", done
        )
    return done


def _agreement(devices):
    """Returns a function: own signal or None -> the same of all processes.

    It is called after every step, and tells what was known READ_LATE steps before, so
    that no device waits for the answer; all processes are told it after the same step.
    """
    if devices.processes == 1:
        return lambda number: number
    total, asked = devices.total(), deque()

    def agreed(number):
        votes = np.zeros(signal.NSIG, np.int32)  # For each signal; 0 is none.
        votes[number or 0] = 1
        asked.append(total(votes))
        if len(asked) <= READ_LATE:
            return None
        found = np.flatnonzero(np.asarray(asked.popleft())[1:]) + 1
        return int(found[-1]) if len(found) else None

    return agreed


def _in_short(terms):
    """Returns "generator: age 1.2, identity 34"."""
    by_phase = {}
    for name, value in terms.items():
        phase, term = name.split("/")
        by_phase.setdefault(phase, []).append(f"{term} {value:.3g}")
    return "; ".join(f"{phase}: {', '.join(t)}" for phase, t in by_phase.items())


def _one_step(updates, batch, done):
    result = {}
    for phase, update in updates:
        if done % phase.every:
            continue
        terms, made = update(batch)
        batch = batch._replace(**made) if made else batch
        result |= {f"{phase.name}/{name}": value for name, value in terms.items()}
    return result


def read_terms(step: int, terms: Mapping) -> dict[str, float]:
    """Waits for the terms of a step and returns their values.

    Raises:
        NotFiniteError: naming the term that is NaN or infinite, and the step.
    """
    values = {n: float(ops.convert_to_numpy(value)) for n, value in terms.items()}
    for name, value in values.items():
        if not math.isfinite(value):
            raise NotFiniteError(
                f"{name} is {value} at step {step}; a lower --learning_rate may help. "
                "Nothing was saved since."
            )
    return values
