"""The sockets: a bounded number of connections, none of which may dawdle."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from ipcgan.web.limits import Limits

_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


class Server(ThreadedWSGIServer):
    """A server with a thread for each connection, and bounds.

    Args:
        host: address to listen on.
        port: 0: any that is free.
        app: WSGI application.
        limits: of connections.

    Raises:
        OSError: if it cannot listen there.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, app: Callable, limits: Limits):
        self.limits = limits
        self._places = threading.BoundedSemaphore(limits.connections)
        self._ending = False
        listening = socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=128,
        )
        try:
            # werkzeug ends the program where it cannot listen; this socket does.
            super().__init__(host, port, app, handler=Handler, fd=listening.fileno())
        finally:
            listening.close()

    def end(self):
        """Ends serve_forever, within half a second.

        An exception in a signal's handler would do so at once, and could close a
        connection that is just being handed to its thread.
        """
        self._ending = True

    def service_actions(self):
        if self._ending:
            raise KeyboardInterrupt  # What serve_forever expects to end it.

    def process_request(self, request, client_address):
        if not self._places.acquire(blocking=False):
            request.settimeout(1)
            try:
                request.sendall(_BUSY)
            except OSError:
                pass
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except Exception:  # No thread could be started.
            self._places.release()
            raise

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request, client_address):
        """Broken connections are nobody's business, and nothing is logged of any."""


class Handler(WSGIRequestHandler):
    """Reads a request within its time; logs nothing."""

    server: Server

    def setup(self):
        super().setup()
        limits = self.server.limits
        self.rfile.close()
        self._timed = _TimedReader(
            self.connection, limits.head_seconds, limits.idle_seconds
        )
        self.rfile = io.BufferedReader(self._timed, 1 << 16)

    def make_environ(self):
        self._timed.allow(self.server.limits.body_seconds)
        return super().make_environ()

    def send_response(self, code, message=None):
        self.connection.settimeout(self.server.limits.answer_seconds)
        super().send_response(code, message)

    def version_string(self):
        return "ipcgan"

    def log(self, type, message, *args):
        """Nothing is written down about who asks for what."""


class _TimedReader(io.RawIOBase):
    """Reads a socket until a deadline, however little comes at a time."""

    def __init__(self, connection, seconds, idle_seconds):
        super().__init__()
        self._connection, self._idle_seconds = connection, idle_seconds
        self.allow(seconds)

    def allow(self, seconds):
        self._deadline = time.monotonic() + seconds

    def readable(self):
        return True

    def readinto(self, buffer):
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request takes too long")
        self._connection.settimeout(min(left, self._idle_seconds))
        return self._connection.recv_into(buffer)
