"""The program `ipcgan-web`: serves the page that ages photographs, on this computer."""

import contextlib
import secrets
import signal
import threading
import time
from collections.abc import Sequence

from absl import flags

from ipcgan import config
from ipcgan.config import ConfigError
from ipcgan.runs import cli
from ipcgan.web.limits import Limits

_LOCAL = "127.0.0.1"
_TOKEN_BYTES = 16
_FORGET_SECONDS = 15.0


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "host",
        _LOCAL,
        "Address to listen on. Any other than 127.0.0.1 lets other computers in: the "
        "page's address then has a token in it, and is not found without.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "port",
        8421,
        "Port to listen on; 0: any that is free.",
        lower_bound=0,
        upper_bound=65535,
        flag_values=values,
    )
    flags.DEFINE_list(
        "names",
        [],
        "Further names that the page may be asked for by, separated by commas, such as "
        "that of a proxy before it.",
        flag_values=values,
    )
    flags.DEFINE_list(
        "embed_in",
        [],
        "Origins, such as https://example.org, whose pages may show this page in a "
        "frame.",
        flag_values=values,
    )
    flags.DEFINE_list(
        "checkpoint_dirs",
        [],
        "Folders of the networks to offer, separated by commas; none: the shipped "
        "IPCGAN and RAGAN.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "max_megabytes",
        Limits.max_bytes // 10**6,
        "Largest file of a photograph that is taken, in MB.",
        lower_bound=1,
        upper_bound=200,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "max_megapixels",
        Limits.max_pixels // 10**6,
        "Largest photograph that is taken, in megapixels. Memory grows with it.",
        lower_bound=1,
        upper_bound=89,  # data.opening.MAX_PIXELS
        flag_values=values,
    )
    flags.DEFINE_enum(
        "engine",
        "auto",
        config.ENGINES,
        "What computes the networks. auto: the fastest that is installed and that "
        "tools/export.py wrote the network for, else keras.",
        flag_values=values,
    )


def serve(values: flags.FlagValues) -> None:
    """Serves until it is interrupted.

    Raises:
        ConfigError: if werkzeug is not installed.
        OSError: if the address cannot be listened on.
    """
    try:
        from ipcgan.web.server import Server  # Fast: the networks come later.
    except ModuleNotFoundError as error:
        if error.name != "werkzeug":
            raise
        raise ConfigError(
            "the page needs werkzeug (the extra `web`): pip install werkzeug."
        ) from None
    from ipcgan.web import guard, memory
    from ipcgan.web.app import App
    from ipcgan.web.models import CHECKPOINTS, Models

    memory.keep_small()
    limits = limits_of(values)
    local = values.host in guard.LOOPBACK
    token = "" if local else secrets.token_urlsafe(_TOKEN_BYTES)
    models = Models(values.checkpoint_dirs or CHECKPOINTS, values.engine)
    names = tuple(name.strip().lower() for name in values.names)
    watch = guard.Guard(values.host, names, tuple(values.embed_in))
    application = App(models, watch, limits, token)
    with Server(values.host, values.port, application, limits) as server:
        cli.show(f"The page is at {address(values.host, server.port, token)}")
        cli.show("Ctrl-C ends it.")
        loading = threading.Thread(target=models.load, name="loading", daemon=True)
        loading.start()
        _forget_in_time(application.pictures)
        try:
            with _signals_to(server.end):
                server.serve_forever()
        finally:
            application.close()
            models.stop()
            loading.join()  # Libraries abort if the program ends while they load.


@contextlib.contextmanager
def _signals_to(function):
    """Ctrl-C and SIGTERM call a function, instead of breaking in anywhere."""
    signals = signal.SIGINT, signal.SIGTERM
    before = [signal.signal(number, lambda *_: function()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def limits_of(values: flags.FlagValues) -> Limits:
    """Returns the limits that the flags ask for; at least one file always fits."""
    at_most = values.max_megabytes * 10**6
    return Limits(
        max_bytes=at_most,
        max_pixels=values.max_megapixels * 10**6,
        incoming_bytes=max(Limits.incoming_bytes, at_most),
        kept_bytes=max(Limits.kept_bytes, at_most),
    )


def address(host: str, port: int, token: str) -> str:
    """Returns the page's address."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/{token}{'/' if token else ''}"


def _forget_in_time(pictures):
    """Forgets pictures when they are due, also while nobody asks for anything."""

    def forget():
        while True:
            time.sleep(_FORGET_SECONDS)
            pictures.forget()

    threading.Thread(target=forget, name="forgetting", daemon=True).start()


def main(argv: Sequence[str]) -> None:
    """Serves the page."""
    cli.run(serve, flags.FLAGS)


def run() -> None:
    """Entry point of `ipcgan-web`."""
    cli.program(main, define_flags)


if __name__ == "__main__":
    run()
