"""Makes batches in threads, before they are asked for."""

import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

THREADS = 4
AHEAD = 4  # batches that are made before they are asked for.


def prefetch(make_batch: Callable, start: int) -> Generator:
    """Yields make_batch(start), make_batch(start + 1), ... made ahead by threads.

    Close the iterator to end the threads. An error in make_batch is raised at the
    step that it belongs to.
    """
    results: queue.Queue = queue.Queue(AHEAD)
    stopped = threading.Event()
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="batches")

    def feed():
        step = start
        while not stopped.is_set():
            future = pool.submit(make_batch, step)
            while not stopped.is_set():
                try:
                    results.put(future, timeout=0.1)
                    break
                except queue.Full:
                    continue
            step += 1

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        while True:
            yield results.get().result()
    finally:
        stopped.set()
        feeder.join()
        pool.shutdown(cancel_futures=True)
