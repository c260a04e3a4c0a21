"""One thread that does the work, request by request, and a bounded queue before it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as JobTimeoutError
from typing import Any

from ipcgan.web.answers import Refused


class Worker:
    """Runs one function at a time, whichever thread calls; each waits for its answer.

    Args:
        waiting: calls that may wait besides the one that runs.
        seconds: that a call waits for its answer.
    """

    def __init__(self, waiting: int, seconds: float):
        self._pool = ThreadPoolExecutor(1, "ageing")
        self._places = threading.BoundedSemaphore(waiting + 1)
        self._seconds = seconds

    def __call__(self, function: Callable, *arguments: Any) -> Any:
        """Returns function(*arguments).

        Raises:
            Refused: "busy", if too many wait; "failed", if it takes too long.
        """
        if not self._places.acquire(blocking=False):
            raise Refused("busy")
        future = self._pool.submit(function, *arguments)
        # Freed when the work ends, not when somebody stops waiting for it.
        future.add_done_callback(lambda _: self._places.release())
        try:
            return future.result(self._seconds)
        except JobTimeoutError:
            future.cancel()
            raise Refused("failed", "it took too long") from None

    def close(self) -> None:
        """Lets the work that has begun end, and does no other."""
        self._pool.shutdown(wait=False, cancel_futures=True)
