"""A web host of files alone, on this machine: for tests and comparisons of a site."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PATH = "/some/where"  # of the site: it must not mind where it lies.


class Host(ThreadingHTTPServer):
    """Serves a folder at http://127.0.0.1:PORT/some/where/.

    Attributes:
        address: of the folder.
        asked: paths of the files that were asked for, in order.
    """

    daemon_threads = True

    def __init__(self, folder: Path):
        self.asked: list[str] = []
        handler = functools.partial(_Handler, directory=str(folder))
        super().__init__(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server_port}{PATH}/"

    def handle_error(self, request, client_address):
        """Browsers hang up when they leave a page: that is no error."""


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
    }

    def do_GET(self):  # noqa: N802 - the library's name.
        path = urlsplit(self.path).path
        self.server.asked.append(path.removeprefix(f"{PATH}/"))
        super().do_GET()

    def translate_path(self, path):
        return super().translate_path(path.removeprefix(PATH))

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Host]:
    """Yields a host of a folder, which ends with the context."""
    with Host(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
