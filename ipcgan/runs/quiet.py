"""Keeps TensorFlow's start-up messages off the terminal.

A log level silences most of it, but not what its libraries write while they are being
loaded, straight to file descriptor 2. Another process holds that output back and shows
it unless loading succeeds, even if loading ends this program.

Imports the standard library alone: that other process runs this file.
"""

import contextlib
import importlib.util
import os
import re
import subprocess
import sys

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # 0: all, 1: no notes, 2: no warnings, 3: no errors.
_LOUD = ("keras", "tensorflow")  # modules that load TensorFlow's libraries.
# Where a graphics driver is, what TensorFlow says of it may matter. Where none is, it
# reports just that, as an error.
_DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
_WITH_DRIVER, _WITHOUT = "1", "3"
_WELL, _BADLY = b"\0well\0", b"\0badly\0"  # how loading went.
_NOTES = re.compile(
    rb"I\d{4} \d\d:"  # As in "I0000 00:00:1795823079.536785   25320 port.cc:153] ".
    rb"|WARNING: All log messages before absl::InitializeLog"
    rb"|To enable the following instructions: "  # The second line of such a note.
)


def quieten() -> None:
    """Makes TensorFlow say nothing when it is loaded, unless something is wrong.

    A log level that the user has set counts; at 0 nothing is held back.
    """
    driver = any(map(os.path.exists, _DRIVERS))
    os.environ.setdefault(LEVEL, _WITH_DRIVER if driver else _WITHOUT)
    if os.environ[LEVEL] != "0":
        sys.meta_path.insert(0, _QuietFinder())


class _QuietFinder:
    """Finds the loud modules as ever, and loads them with their notes held back."""

    def __init__(self):
        self._asking_others = False

    def find_spec(self, name, path=None, target=None):
        if name not in _LOUD or self._asking_others:
            return None
        self._asking_others = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asking_others = False
        if spec and spec.loader:
            spec.loader.exec_module = _quietly(spec.loader.exec_module)
        return spec


def _quietly(load):
    def load_quietly(module):
        with notes_held_back():
            load(module)

    return load_quietly


@contextlib.contextmanager
def notes_held_back():
    """Keeps TensorFlow's notes off the error stream, of C++ too, while all is well.

    If the block raises, or ends the process, everything that was written is shown.
    """
    sys.stderr.flush()
    try:
        screen = os.dup(2)
        # A session of its own: Ctrl-C ends this program, and the other shows the rest.
        keeper = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError:  # No standard error, or no more processes: nothing is held back.
        yield
        return
    os.dup2(keeper.stdin.fileno(), 2)
    ended = _BADLY
    try:
        yield
        ended = _WELL
    finally:
        sys.stderr.flush()
        os.write(2, ended)
        os.dup2(screen, 2)
        os.close(screen)
        keeper.stdin.close()
        keeper.wait()


def _keep():
    """Reads what is held back until it ends; shows what has to be seen."""
    text = b""
    # The end of the stream is not enough: a process started meanwhile may hold it open.
    while _WELL not in text and _BADLY not in text:
        more = os.read(0, 65536)
        if not more:
            break
        text += more
    if _WELL in text:
        lines = text.replace(_WELL, b"").splitlines(keepends=True)
        text = b"".join(line for line in lines if not _NOTES.match(line))
    # Without a mark the program ended while it was loading.
    sys.stderr.buffer.write(text.replace(_BADLY, b""))


if __name__ == "__main__":
    _keep()
