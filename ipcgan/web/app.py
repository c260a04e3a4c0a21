"""The WSGI application: requests -> the page's files, and answers in JSON."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from absl import logging
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ipcgan.web import static_files
from ipcgan.web.answers import STATUS, Refused
from ipcgan.web.bodies import Bodies
from ipcgan.web.guard import Guard
from ipcgan.web.limits import Limits
from ipcgan.web.models import Models
from ipcgan.web.pictures import Pictures
from ipcgan.web.service import MOST_STRIP, Service
from ipcgan.web.worker import Worker

RESULT = "X-Ipcgan-Result"  # header: what the page is told besides the picture.
_RETRY_SECONDS = 2
_MOST_YEARS = 99  # of a change.
_WAIT_SECONDS = 1.0  # that an answer of `ready` waits for the networks.
_API = Map(
    [
        Rule("/api/ready", endpoint="ready", methods=["GET"]),
        Rule("/api/pictures", endpoint="open", methods=["POST"]),
        Rule("/api/pictures/<name>/preview", endpoint="preview", methods=["GET"]),
        Rule("/api/pictures/<name>/age", endpoint="age", methods=["POST"]),
        Rule("/api/pictures/<name>/strip", endpoint="strip", methods=["POST"]),
        Rule("/api/pictures/<name>", endpoint="close", methods=["DELETE"]),
    ]
)


class App:
    """A WSGI application; any number of threads may call it.

    Args:
        models: networks, which may still be being loaded.
        guard: who may ask.
        limits: how much it takes on.
        token: that addresses must begin with; "": none.
    """

    def __init__(self, models: Models, guard: Guard, limits: Limits, token: str = ""):
        self._models, self._guard, self._limits = models, guard, limits
        self._token = token
        self._files = static_files.read()
        self._service = Service(models, limits.max_pixels)
        self._worker = Worker(limits.waiting, limits.job_seconds)
        self._bodies = Bodies(limits.incoming_bytes)
        self.pictures = Pictures(limits.kept_bytes, limits.kept_seconds)

    def __call__(self, environ, start_response):
        request = Request(environ)
        response = self._answer(request)
        self._guard.add_headers(response.headers)
        return response(environ, start_response)

    def close(self) -> None:
        """Ends the thread that does the work."""
        self._worker.close()

    def _answer(self, request):
        path = self._below_token(request.path)
        if path is None:
            return _text("The address lacks its token.", 403)
        is_api = path.startswith("/api/")
        problem = self._guard.problem(request, changing=is_api)
        if problem:
            return _text(f"Refused: {problem}.", 403)
        if not is_api:
            return self._file(request, path)
        try:
            endpoint, values = _API.bind("").match(path, request.method)
            return getattr(self, f"_{endpoint}")(request, **values)
        except Refused as refused:
            return _refusal(refused)
        except HTTPException as error:
            return error.get_response()
        except MemoryError:
            return _refusal(Refused("too_large", "it does not fit into the memory"))
        except (TimeoutError, ConnectionError):
            raise  # The other side is gone; the server closes the connection.
        except Exception:
            logging.exception("A request failed.")
            return _refusal(Refused("failed"))

    def _below_token(self, path):
        if not self._token:
            return path
        first, _, rest = path.removeprefix("/").partition("/")
        same = hmac.compare_digest(first.encode(), self._token.encode())
        # Without the slash behind the token the page would not find its parts.
        return f"/{rest}" if same and path.count("/") > 1 else None

    def _file(self, request, path):
        if request.method not in ("GET", "HEAD"):
            return MethodNotAllowed(["GET", "HEAD"]).get_response()
        file = self._files.get(path.removeprefix("/") or "index.html")
        if file is None:
            return NotFound().get_response()
        response = Response(file.content, content_type=file.kind)
        response.set_etag(file.tag)
        response.headers["Cache-Control"] = "no-cache"
        return response.make_conditional(request)

    def _ready(self, request):
        ready = self._models.wait(_WAIT_SECONDS)
        if ready and self._models.problem:
            raise Refused("unsupported", self._models.problem)
        families = [
            {"name": f.name, "youngest": f.youngest, "oldest": f.oldest}
            for f in self._models.families
        ]
        return _json(
            {
                "ready": ready,
                "loading": self._models.loading,
                "share": self._models.share,
                "families": families if ready else [],
                "judged": self._models.judge is not None,
                "maxBytes": self._limits.max_bytes,
                "maxPixels": self._limits.max_pixels,
                "keptSeconds": self._limits.kept_seconds,
            }
        )

    def _open(self, request):
        with self._bodies.read(request, self._limits.max_bytes) as content:
            if not content:
                raise Refused("not_a_picture")
            self._must_be_ready()
            opened = self._worker(self._service.open, content)
        faces = [
            {
                "number": number,
                "box": dict(
                    zip(("left", "top", "right", "bottom"), face.box, strict=True)
                ),
                "age": None if judged is None else round(judged[0], 1),
            }
            for number, (face, judged) in enumerate(
                zip(opened.faces, opened.judged, strict=True), 1
            )
        ]
        return _json(
            {
                "id": self.pictures.add(opened),
                "width": opened.width,
                "height": opened.height,
                "shown": opened.shown,
                "faces": faces,
            }
        )

    def _preview(self, request, name):
        content = self._worker(self._service.preview, self.pictures.get(name))
        return _picture(content, "JPEG")

    def _age(self, request, name):
        values = self._bodies.read_json(request)
        numbers = _whole_numbers(values.get("faces"), 1, 10**6)
        if not numbers or len(set(numbers)) < len(numbers):
            raise Refused("unsupported", "faces: expected different numbers")
        if ("years" in values) == ("change" in values):
            raise Refused("unsupported", "expected either years or change")
        key = "years" if "years" in values else "change"
        (number,) = _whole_numbers([values[key]], -_MOST_YEARS, _MOST_YEARS)
        opened, family = self.pictures.get(name), str(values.get("family"))
        aged = self._worker(
            lambda: self._service.age(opened, numbers, family=family, **{key: number})
        )
        response = _picture(aged.content, aged.format)
        told = {"width": opened.width, "height": opened.height, "faces": aged.faces}
        response.headers[RESULT] = json.dumps(told)
        return response

    def _strip(self, request, name):
        values = self._bodies.read_json(request)
        (face,) = _whole_numbers([values.get("face")], 1, 10**6)
        years = _whole_numbers(values.get("years"), 0, _MOST_YEARS)
        if not 1 <= len(years) <= MOST_STRIP:
            raise Refused("unsupported", f"years: expected 1 to {MOST_STRIP}")
        opened, family = self.pictures.get(name), str(values.get("family"))
        made = self._worker(self._service.strip, opened, face, years, family)
        texts = [base64.b64encode(content).decode() for content in made]
        pairs = zip(years, texts, strict=True)
        return _json([{"years": year, "jpeg": text} for year, text in pairs])

    def _close(self, request, name):
        self.pictures.remove(name)
        return Response(status=204)

    def _must_be_ready(self):
        if not self._models.ready:
            raise Refused("busy", "the networks are being loaded")
        if self._models.problem:
            raise Refused("unsupported", self._models.problem)


def _whole_numbers(values: Any, least: int, most: int) -> list[int]:
    if not isinstance(values, list) or any(type(v) is not int for v in values):
        raise Refused("unsupported", "expected whole numbers")
    if any(not least <= v <= most for v in values):
        raise Refused("unsupported", f"expected numbers from {least} to {most}")
    return values


def _refusal(refused):
    values = {"code": refused.code, "detail": refused.detail}
    response = _json(values, STATUS[refused.code])
    if refused.code == "busy":
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _json(values, status=200):
    response = Response(
        json.dumps(values), status=status, content_type="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _picture(content, image_format):
    response = Response(content, content_type=f"image/{image_format.lower()}")
    response.headers["Cache-Control"] = "no-store"
    return response


def _text(text, status):
    return Response(f"{text}\n", status=status, content_type="text/plain")
