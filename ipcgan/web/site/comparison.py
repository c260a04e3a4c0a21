"""Compares what a site makes of photographs, in a browser, with what Python makes."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import io
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ipcgan.config import ConfigError
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.photos import Face
from ipcgan.runs.age.photo_ager import AgedPhotograph, PhotoAger
from ipcgan.web.site import host

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()
_MINUTE = 60_000  # milliseconds
# As the page's worker does it, and how long that takes; the judge is left out.
_AGE = """async ([text, years]) => {
  const { Ager } = await import("./engine/ager.js");
  if (!window.ager) {
    const settings = await (await fetch("./engine/settings.json")).json();
    window.ager = new Ager(settings);
    await window.ager.load();
  }
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const blob = new Blob([bytes], { type: "image/png" });
  let opened;
  try {
    opened = await window.ager.open(blob);
  } catch (error) {
    if (error.code === "no_face") return null;
    throw error;
  }
  const faces = opened.faces.map(({ number }) => number);
  const started = performance.now();
  const made = await window.ager.age(opened.id, { faces, years });
  const seconds = (performance.now() - started) / 1000;
  window.ager.close(opened.id);
  const content = new Uint8Array(await made.blob.arrayBuffer());
  let result = "";
  for (let i = 0; i < content.length; i += 4096) {
    result += String.fromCharCode(...content.subarray(i, i + 4096));
  }
  return [btoa(result), seconds / faces.length, faces.length];
}"""


@dataclasses.dataclass(frozen=True)
class Difference:
    """How far a photograph that a site aged is from Python's.

    Attributes:
        name: of the photograph.
        faces: how many were aged.
        mean: absolute difference over the faces' boxes, in levels of 0 to 255.
        largest: difference of any pixel there, in levels.
        seconds: that the site took for each face, from the pixels to the file.
    """

    name: str
    faces: int
    mean: float
    largest: int
    seconds: float


def compare(
    page: Page, ager: PhotoAger, photographs: Sequence[Path], years: Sequence[int]
) -> list[Difference]:
    """Ages all faces of each photograph to one of the years, here and there.

    Pictures are compared as PNG, so that no JPEG encoder's losses are counted.

    Args:
        page: of a site, in a browser; see opened.
        ager: of the same generator.
        photographs: files.
        years: of the first, of the second and so on, then from the beginning again.

    Raises:
        DataError: if the site does not find as many faces as Python.
    """
    found = []
    for i, path in enumerate(photographs):
        year = years[i % len(years)]
        photo = images.read_image(path)
        expected = ager(photo, ages=(year,), face="all")
        answer = page.evaluate(_AGE, [_png(photo), year])
        count = answer[2] if answer else 0
        if count != len(expected.faces):
            raise DataError(
                f"{path}: the site finds {count} faces, Python finds "
                f"{len(expected.faces)}."
            )
        found.append(_difference(path.name, expected, answer))
    return found


def _difference(name, expected: AgedPhotograph, answer):
    content, seconds, _ = answer
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        made = np.asarray(image.convert("RGB")).astype(int)
    away = np.abs(made - expected.photographs[0])
    parts = np.concatenate([_box(away, face) for face in expected.faces])
    return Difference(
        name, len(expected.faces), parts.mean(), parts.max(), round(seconds, 3)
    )


def _box(away: np.ndarray, face: Face) -> np.ndarray:
    """Returns [N, 3], what lies in the face's box."""
    left, top, right, bottom = (max(0, round(v)) for v in face.box)
    return away[top:bottom, left:right].reshape(-1, 3)


def _png(photo):
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@contextlib.contextmanager
def opened(site: Path) -> Iterator[Page]:
    """Yields a site's page in a browser of its own.

    Args:
        site: folder that web.site.build wrote.

    Raises:
        ConfigError: if Chromium or Playwright is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise ConfigError(
            "Playwright is not installed: pip install playwright."
        ) from error
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise ConfigError("Chromium is not installed: apt-get install chromium.")
    with host.serving(site) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        page = browser.new_page()
        page.set_default_timeout(_MINUTE)
        page.goto(server.address)
        # Not state="hidden": that is met while the page reloads, and holds nothing.
        page.wait_for_selector("#loading[hidden]", state="attached")
        yield page
        browser.close()
