"""Batches on Ray, done again where a worker dies; no other file knows Ray."""

import contextlib
import importlib.util
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ipcgan.config import ConfigError
from ipcgan.data.records import DataError

ANY_CLUSTER = "auto"
_SECONDS = 60  # until a cluster must have answered.
_STORE_BYTES = 200_000_000  # Ray's object store: only names go through it.
_CONNECT = "import ray, sys; ray.init(address=sys.argv[1], log_to_driver=False)"
# Nothing is sent anywhere, and of Ray's own log only what ends a run is shown.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


def check(address: str) -> None:
    """Refuses a cluster that does not answer, before anything slow is done.

    Raises:
        ConfigError: if Ray is not installed.
        DataError: if nothing answers within a minute.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError(
            "Ageing many pictures needs Ray, which is not installed: "
            "pip install ipcgan[ray]."
        )
    if not address or address == ANY_CLUSTER:
        return
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal() and int(port) < 2**16):
        raise DataError(f"--address={address}: expected HOST:PORT, or {ANY_CLUSTER}.")
    problem = f"--address={address}: no Ray answers there"
    try:
        socket.create_connection((host, int(port)), timeout=_SECONDS).close()
        # What is no Ray might keep ray.init waiting for minutes.
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", _CONNECT, address],
            env={**os.environ, **_ENVIRONMENT},
            check=True,
            timeout=_SECONDS,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise DataError(f"{problem} within {_SECONDS} seconds.") from error
    except subprocess.CalledProcessError as error:
        raise DataError(f"{problem}: {_last_line(error.stderr)}.") from error
    except OSError as error:
        raise DataError(f"{problem}: {error}.") from error


def results(
    worker: Callable,
    job: Any,
    names: Sequence[str],
    *,
    batch_size: int,
    address: str,
    actors: int,
    threads: int,
) -> Iterator[dict[str, Any]]:
    """Yields a row of every batch, as it is done, in any order.

    A batch whose worker dies goes to another, any number of times.

    Args:
        worker: a class; worker(job) is called with {"name": names} of each batch, and
            returns lists of one value.
        job: for all workers.
        names: of the pictures, at least one.
        batch_size: how many go to a worker together.
        address: of a cluster; "": this machine alone.
        actors: how many workers there are; 0: as many as there are cores for.
        threads: cores that each takes.

    Raises:
        DataError: if Ray cannot be started, has no such cores, or gives up.
    """
    ray = _import_ray()
    from ray import data

    with _connected(ray, address, actors * threads):
        cores = int(ray.cluster_resources().get("CPU", 0))
        most = cores // threads
        if most < max(actors, 1):
            raise DataError(
                f"--actors={actors}, --threads={threads}: expected at most {cores} "
                "cores in all, which is what the cluster has."
            )
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        data.DataContext.get_current().enable_progress_bars = False
        batches = -(-len(names) // batch_size)
        rows = data.from_items(
            [{"name": name} for name in names], override_num_blocks=batches
        ).map_batches(
            worker,
            fn_constructor_args=(job,),
            batch_size=batch_size,
            num_cpus=threads,
            compute=data.ActorPoolStrategy(size=min(actors or most, batches)),
        )
        try:
            yield from rows.iter_rows()
        except ray.exceptions.RayError as error:
            raise DataError(f"Ray gave up: {_last_line(str(error))}.") from error


@contextlib.contextmanager
def _connected(ray, address, cores):
    """Connects to a cluster, or starts one of this machine, and ends what it began."""
    try:
        with _own_signals():
            if address:
                _init(ray, address=address)
            else:
                _start(ray, cores)
        yield
    finally:
        ray.shutdown()


def _start(ray, cores):
    # What may connect to it: a key of this process, for none in the user's home.
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex())
    options = {
        "address": "local",
        "num_cpus": cores or None,
        "object_store_memory": _STORE_BYTES,
        "include_dashboard": False,
    }
    try:
        _init(ray, **options)
    except DataError:
        # Ray gives its own processes 15 s, which a busy machine may exceed, once.
        ray.shutdown()
        _init(ray, **options)


def _init(ray, **options):
    try:
        with _silence():
            ray.init(**options, log_to_driver=False, logging_level="CRITICAL")
    except Exception as error:  # Ray raises this very class.
        text = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"--address={options['address']}: {text}.") from error


@contextlib.contextmanager
def _own_signals():
    """Keeps what SIGTERM does, which Ray would change."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _silence():
    """Keeps off the screen what Ray's C++ writes there: that its log level is set."""
    sys.stderr.flush()
    screen = os.dup(2)
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)


def _last_line(text):
    lines = text.strip().splitlines() or ["no reason given"]
    return lines[-1].strip().rstrip(".")


def _import_ray():
    """Returns the module, which reads its environment when it is loaded."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import ray

    return ray
