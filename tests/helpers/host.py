"""A web host for tests: a folder below a path of its own, and nothing but files."""

import contextlib
import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PATH = "/some/where"  # The site must not mind.


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
    }

    def do_GET(self):
        path = urlsplit(self.path).path
        self.server.asked.append(path.removeprefix(f"{PATH}/"))
        super().do_GET()

    def translate_path(self, path):
        return super().translate_path(path.removeprefix(PATH))

    def log_message(self, *arguments):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder):
        self.asked = []  # paths of files, in order.
        handler = functools.partial(_Handler, directory=str(folder))
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, request, client_address):
        pass  # Browsers hang up when they leave a page.

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}{PATH}/"


@contextlib.contextmanager
def serving(folder):
    """Yields a server of a folder, with its `address` and what was `asked` for."""
    with _Server(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
