"""Ctrl-C and SIGTERM during training: noted, so that no step is cut in two."""

import contextlib
import signal
import threading
from collections.abc import Iterator

_KINDS = (signal.SIGTERM, signal.SIGINT)


class Interruption:
    """Whether a training run was asked to end early.

    Attributes:
        signal: the last signal that asked, or None.
    """

    def __init__(self):
        self.signal: int | None = None

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Notes the signals that come meanwhile, instead of ending the process.

        Signals reach the main thread alone; in others this does nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {kind: signal.signal(kind, self._note) for kind in _KINDS}
        try:
            yield
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)

    def _note(self, number, _):
        self.signal = number
