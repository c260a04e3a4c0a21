"""Whom the page's server answers, and what its answers let browsers do."""

import re

import pytest
from absl import flags
from helpers import web_app
from werkzeug.test import Client

from ipcgan.web import program, static_files
from ipcgan.web.models import Models

BASE = "http://127.0.0.1:8421"
TOKEN = "x8CZkq0vTn2yWb"


def client(**options):
    return Client(web_app.make(Models([]), **options))


def ask(made, path="/api/ready", base=BASE, method="GET", **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return made.open(path, method=method, base_url=base, headers=names)


@pytest.fixture(scope="module")
def local():
    return client()


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8421", "localhost:8421", "127.0.0.1", "[::1]:8421"]
)
def test_it_is_asked_by_its_own_names(host, local):
    assert ask(local, "/", f"http://{host}").status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1", "a]"],
)
def test_another_name_that_leads_here_is_refused(host, local):
    """DNS rebinding: a page of evil.example whose name becomes 127.0.0.1."""
    assert ask(local, "/", BASE, Host=host).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Ipcgan": "1", "Origin": "http://evil.example"},
        {"X_Ipcgan": "1", "Origin": "null"},
        {"X_Ipcgan": "1", "Origin": "http://127.0.0.1:9000"},
        {"X_Ipcgan": "1", "Sec_Fetch_Site": "cross-site"},
        {"X_Ipcgan": "1", "Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/ready"),
        ("POST", "/api/pictures"),
        ("POST", "/api/pictures/x/age"),
        ("DELETE", "/api/pictures/x"),
        ("OPTIONS", "/api/pictures"),
    ],
)
def test_another_sites_page_is_refused(method, path, headers, local):
    answer = ask(local, path, method=method, **headers)
    assert answer.status_code == 403
    assert not [n for n, _ in answer.headers if n.startswith("Access-Control")]


def test_the_page_itself_is_answered(local):
    own = {"X_Ipcgan": "1", "Sec_Fetch_Site": "same-origin"}
    assert ask(local, "/api/pictures/x/age", method="POST", Origin=BASE, **own).json


def test_the_page_may_load_its_own_files_alone_and_stays_out_of_frames(local):
    for path in ("/", "/page.js", "/none", "/api/ready"):
        headers = ask(local, path).headers
        policy = dict(
            part.strip().split(" ", 1)
            for part in headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_named_pages_may_embed_it():
    headers = ask(client(embed_in=("https://example.org",)), "/").headers
    assert "frame-ancestors https://example.org;" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers


def test_beyond_this_computer_the_address_needs_its_token():
    made = client(token=TOKEN, host="192.0.2.7")
    base = "http://192.0.2.7:8421"
    for path in ("/", "/page.js", "/api/ready", "/x8CZ/", f"/{TOKEN}", f"/{TOKEN}x/"):
        answer = ask(made, path, base, X_Ipcgan="1")
        assert answer.status_code == 403, path
    assert ask(made, f"/{TOKEN}/", base).status_code == 200
    assert ask(made, f"/{TOKEN}/page.js", base).status_code == 200
    assert ask(made, f"/{TOKEN}/", "http://evil.example").status_code == 403


def test_on_all_addresses_it_is_asked_by_any_address_and_named_names():
    made = client(host="0.0.0.0", names=("ages.example.org",))  # noqa: S104
    for host in ("192.0.2.7:8421", "ages.example.org", "[2001:db8::1]:8421"):
        assert ask(made, "/", f"http://{host}").status_code == 200
    assert ask(made, "/", "http://evil.example").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/../app.py",
        "/..%2fapp.py",
        "/%2e%2e/app.py",
        "//etc/passwd",
        "/static/../../app.py",
        "/page.js/",
        "/page.js%00",
        "/backends/../../app.py",
        "/\\..\\app.py",
    ],
)
def test_no_path_leads_elsewhere(path, local):
    assert ask(local, path).status_code == 404


def test_only_reading_is_asked_of_files(local):
    assert ask(local, "/page.js", method="POST").status_code == 405


def test_files_come_with_their_kind_and_again_only_if_they_changed(local):
    answer = ask(local, "/page.js")
    assert answer.content_type.startswith("text/javascript")
    again = ask(local, "/page.js", If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_the_documents_have_no_script_style_or_address_of_elsewhere():
    for name, file in static_files.read().items():
        if file.kind.startswith("text/"):
            text = file.content.decode()
            # Names of XML, which are never asked for.
            own = re.sub(
                r"http://(www\.w3\.org|iptc\.org|cv\.iptc\.org|ns\.adobe\.com)/",
                "",
                text,
            )
            assert not re.search(r"https?://", own), name
            assert not re.search(r"innerHTML|outerHTML|eval\(|document\.write", own)
        if name.endswith(".html"):
            assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", text), name


def parse(*arguments):
    values = flags.FlagValues()
    program.define_flags(values)
    values(["ipcgan-web", *arguments])
    return values


def test_by_default_only_this_computer_is_served():
    assert parse().host == "127.0.0.1"
    assert program.address("127.0.0.1", 8421, "") == "http://127.0.0.1:8421/"
    assert program.address("::", 1, "abc") == "http://[::]:1/abc/"


def test_sizes_that_are_taken_can_be_asked_for():
    limits = program.limits_of(parse())
    assert (limits.max_bytes, limits.max_pixels) == (30_000_000, 40_000_000)
    limits = program.limits_of(parse("--max_megabytes=150", "--max_megapixels=60"))
    assert (limits.max_bytes, limits.max_pixels) == (150_000_000, 60_000_000)
    # A file of that size can be on its way, and be kept.
    assert min(limits.incoming_bytes, limits.kept_bytes) >= 150_000_000
    for wrong in ("--max_megabytes=0", "--max_megapixels=90"):
        with pytest.raises(flags.IllegalFlagValueError):
            parse(wrong)
