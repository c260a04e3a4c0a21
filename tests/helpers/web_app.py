"""The page's server with a tiny network, for tests of it."""

import io

from PIL import Image
from test_photos import FINDER, read_photo

from ipcgan.data import images
from ipcgan.web import models
from ipcgan.web.app import App
from ipcgan.web.guard import Guard
from ipcgan.web.limits import Limits

OWN = {"X-Ipcgan": "1"}


def load(folders):
    """Returns loaded models of checkpoints, with the finder that all tests share."""
    loaded = models.Models([str(folder) for folder in folders])
    patched, models.FaceFinder = models.FaceFinder, lambda: FINDER
    try:
        loaded.load()
    finally:
        models.FaceFinder = patched
    assert not loaded.problem, loaded.problem
    return loaded


def make(loaded, token="", host="127.0.0.1", names=(), embed_in=(), **limits):
    return App(loaded, Guard(host, names, embed_in), Limits(**limits), token)


def photo(longest=300):
    """Returns a photograph of one face, [H, W, 3] uint8."""
    return images.shrink(read_photo(), longest)


def encoded(pixels, image_format="JPEG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, image_format, **options)
    return file.getvalue()
