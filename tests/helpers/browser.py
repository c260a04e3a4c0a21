"""A browser for tests, and a page in it that may ask nobody but 127.0.0.1."""

import contextlib
import shutil
from urllib.parse import urlsplit

import pytest

PATIENCE = 60_000  # milliseconds, after which a test fails.
LEFT_OUT = "no browser"  # how the reason of tests that were left out begins.
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--use-fake-ui-for-media-stream --use-fake-device-for-media-stream"
).split()


@contextlib.contextmanager
def started(*more_flags):
    """Yields a browser; leaves the tests out where there is none."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"{LEFT_OUT}: Chromium is not installed (apt-get install chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip(f"{LEFT_OUT}: playwright is not installed (the extra `dev`)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*_FLAGS, *more_flags]
        )
        try:
            yield browser
        finally:
            browser.close()


def go(page, address, timeout=PATIENCE):
    """Opens an address, and waits until the page's networks are loaded."""
    page.goto(address, timeout=timeout)
    # Not state="hidden": that is met while the page reloads, and holds nothing.
    page.wait_for_selector("#loading[hidden]", state="attached", timeout=timeout)


@contextlib.contextmanager
def new_page(browser, allowed=(), **options):
    """Yields a page; asserts that it asked no other host, and met no error.

    Args:
        browser: from `started`.
        allowed: parts of what the console may complain about.
        options: of the context, such as its viewport and locale.
    """
    context = browser.new_context(**{"locale": "en-US", **options})
    context.set_default_timeout(PATIENCE)
    hosts, problems = set(), []
    context.on("request", lambda request: hosts.add(_host(request.url)))
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: message.type == "error" and problems.append(message.text),
    )
    try:
        yield page
    finally:
        context.close()
    assert hosts <= {"127.0.0.1", None}, hosts
    others = [p for p in problems if not any(part in p for part in allowed)]
    assert not others, others


def _host(url):
    parts = urlsplit(url)
    return parts.hostname if parts.scheme not in ("blob", "data") else None
