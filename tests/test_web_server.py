"""The page's server on real sockets: slow, broken, hostile and many connections."""

import contextlib
import http.client
import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers import tiny_export, web_app

from ipcgan.web.limits import Limits
from ipcgan.web.server import Server

PATIENCE = 20  # seconds, after which a test fails.


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny_64"
    return web_app.load([tiny_export.write(folder)])


@contextlib.contextmanager
def serving(models, **limits):
    app = web_app.make(models, **limits)
    with Server("127.0.0.1", 0, app, Limits(**limits)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.port
        finally:
            server.shutdown()
            thread.join(PATIENCE)
            app.close()


@pytest.fixture(scope="module")
def port(models):
    with serving(models) as found:
        yield found


def ask(port, path="/api/ready", content=None, headers=()):
    """Returns (status, body, headers) of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    method = "GET" if content is None else "POST"
    try:
        connection.request(method, path, content, {**web_app.OWN, **dict(headers)})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def connect(port, *parts):
    made = socket.create_connection(("127.0.0.1", port), PATIENCE)
    for part in parts:
        made.sendall(part)
    return made


def all_of(connection):
    """Returns what comes until the other side closes the connection."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(4096):
            received += piece
    return received


def head(path="/api/pictures", length=1000):
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Ipcgan: 1\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize(
    "parts", [(), (b"GET / HT",), (head()[:-4],), (head(),), (head(), b"\xff\xd8\xff")]
)
def test_who_says_nothing_more_is_hung_up_on(parts, models):
    with serving(models, head_seconds=0.3, idle_seconds=0.2) as port:
        with connect(port, *parts) as connection:
            assert re.match(b"HTTP/1.1 400|$", all_of(connection))
        assert ask(port)[0] == 200


def test_who_dawdles_byte_by_byte_is_hung_up_on(models):
    limits = {"head_seconds": 0.3, "body_seconds": 0.3, "idle_seconds": 5}
    with serving(models, **limits) as port, connect(port, head()) as connection:
        # Each byte comes in time, but not all of them.
        with pytest.raises(OSError):  # noqa: PT011 - reset, or a broken pipe.
            for _ in range(1000):
                connection.sendall(b"x")
                time.sleep(0.02)
        assert ask(port)[0] == 200


def test_broken_uploads_leave_room_for_others(models):
    content = web_app.encoded(web_app.photo())
    # All of them together have room for little more than one.
    with serving(models, incoming_bytes=len(content) + 10) as port:
        for _ in range(20):
            connect(port, head(length=len(content)), content[:500]).close()
        for _ in range(100):
            status, _, _ = ask(port, "/api/pictures", content)
            if status != 503:
                break
            time.sleep(0.05)
        assert status == 200


def test_who_goes_before_the_answer_is_no_fault(port):
    content = web_app.encoded(web_app.photo())
    for _ in range(3):
        connect(port, head(length=len(content)), content).close()
    assert ask(port, "/api/pictures", content)[0] == 200


def test_too_large_an_upload_hears_why(models):
    with serving(models, max_bytes=1000) as port:
        status, body, _ = ask(port, "/api/pictures", bytes(2_000_000))
        assert (status, json.loads(body)["code"]) == (413, "too_large")


@pytest.mark.parametrize("length", ["-5", "x", "9" * 30, "1e3"])
def test_a_length_that_is_no_length_is_refused(length, models):
    with serving(models, idle_seconds=0.2) as port:
        with connect(port, head(length=length)) as connection:
            assert re.match(rb"HTTP/1.1 4\d\d|$", all_of(connection))


def test_an_empty_upload_is_no_picture(port):
    status, body, _ = ask(port, "/api/pictures", b"")
    assert (status, json.loads(body)["code"]) == (415, "not_a_picture")


def test_an_upload_without_its_length_is_refused(port):
    pieces = iter([b"\xff\xd8", b"\xff"])
    status, body, _ = ask(port, "/api/pictures", pieces)
    assert (status, json.loads(body)["code"]) == (400, "unsupported")


def test_more_connections_than_there_are_places_are_told_so(models):
    with serving(models, connections=3) as port:
        held = [connect(port, b"GET ") for _ in range(3)]
        for _ in range(100):
            with connect(port) as one_more:
                answer = all_of(one_more)
            if answer:
                break
        assert answer.startswith(b"HTTP/1.1 503") and b"Retry-After" in answer
        for connection in held:
            connection.close()
        for _ in range(100):
            with contextlib.suppress(OSError):
                if ask(port)[0] == 200:
                    return
            time.sleep(0.02)
        raise AssertionError("no place became free")


def test_fifty_uploads_at_once_are_all_answered(port):
    content = web_app.encoded(web_app.photo(200))

    def upload(_):
        return ask(port, "/api/pictures", content)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(upload, range(50)))
    statuses = [status for status, _, _ in answers]
    assert set(statuses) <= {200, 503} and 200 in statuses
    assert all("Retry-After" in h for status, _, h in answers if status == 503)
    assert upload(0)[0] == 200


def damaged(content, random_):
    """Returns a file with bytes changed, cut off, doubled or put elsewhere."""
    result = bytearray(content)
    for _ in range(random_.choice((1, 4, 40))):
        result[random_.randrange(len(result))] = random_.randrange(256)
    kind = random_.randrange(4)
    at = random_.randrange(len(result))
    if kind == 0:
        del result[at:]
    elif kind == 1:
        result[at:at] = result[: random_.randrange(len(result))]
    elif kind == 2:  # As large as can be.
        result[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(result)


def test_two_hundred_hostile_uploads_are_all_answered(port):
    wall = np.random.default_rng(0).integers(0, 256, (48, 60, 3), dtype=np.uint8)
    files = [
        web_app.encoded(wall, name)
        for name in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "PPM", "AVIF")
    ]
    random_ = random.Random(0)
    for number in range(200):
        content = damaged(files[number % len(files)], random_)
        status, body, _ = ask(port, "/api/pictures", content)
        codes = {413: "too_large", 415: "not_a_picture", 422: "no_face"}
        assert json.loads(body)["code"] == codes.get(status), status
    assert ask(port, "/api/pictures", web_app.encoded(web_app.photo(200)))[0] == 200


def test_requests_that_are_none_are_answered_or_hung_up_on(port):
    random_ = random.Random(1)
    lines = [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"POST /api/pictures HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Ipcgan: 1\r\n"
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        *(random_.randbytes(300) + b"\r\n\r\n" for _ in range(20)),
    ]
    for line in lines:
        with connect(port) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(line)
                connection.shutdown(socket.SHUT_WR)
            answer = all_of(connection)
        assert b" 200 " not in answer.split(b"\r\n")[0], line[:40]
        assert b"Traceback" not in answer
    assert ask(port)[0] == 200


# The program on a busy machine: Ctrl-C comes while a connection is being handed to
# its thread, and before that thread is done with it; the end takes its time, too.
BUSY = """
import selectors, socketserver, time
from ipcgan.web import app, program
def slow(function, before=0.0, after=0.0):
    def slowed(*arguments):
        time.sleep(before)
        result = function(*arguments)
        time.sleep(after)
        return result
    return slowed
mixin = socketserver.ThreadingMixIn
mixin.process_request = slow(mixin.process_request, after=1)
selectors.DefaultSelector = slow(selectors.DefaultSelector, before=0.5)
app.App.close = slow(app.App.close, before=1)
program.run()
"""


@pytest.mark.parametrize("program", [["-m", "ipcgan.web.program"], ["-c", BUSY]])
def test_the_program_says_where_the_page_is_and_ends_by_ctrl_c(program):
    with subprocess.Popen(  # noqa: S603
        [sys.executable, *program, "--port=0", "--checkpoint_dirs=none"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline()
            found = re.fullmatch(r"The page is at http://127\.0\.0\.1:(\d+)/\n", line)
            status, body, _ = ask(int(found[1]), "/")
            assert (status, b"<!doctype html>" in body) == (200, True)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_an_address_that_is_taken_is_one_line(port):
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "ipcgan.web.program", f"--port={port}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 1
    assert re.fullmatch(r"error: .*[Aa]ddress already in use.*\n", result.stderr)
