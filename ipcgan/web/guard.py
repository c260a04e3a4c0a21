"""Who may ask the server: checks of a request's Host and Origin, and answers' headers.

Another page in the same browser must neither read nor send anything here: not by a
form or fetch (Origin, Sec-Fetch-Site and a header of our own), not by a name that it
lets lead to 127.0.0.1 (Host), and not in a frame.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

OWN_HEADER = "X-Ipcgan"  # Of what changes anything: no form can send it.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on.


@dataclasses.dataclass(frozen=True)
class Guard:
    """Decides about requests.

    Attributes:
        host: address that the server listens on.
        names: further names that it may be asked by, such as a proxy's.
        embed_in: origins whose pages may show the page in a frame.
    """

    host: str
    names: tuple[str, ...] = ()
    embed_in: tuple[str, ...] = ()

    def problem(self, request: Request, *, changing: bool) -> str | None:
        """Returns why a request is refused, or None.

        Args:
            request: the request.
            changing: whether it is one of the page's own, with a header of its own;
                else a browser may come from a link.
        """
        host = request.headers.get("Host", "")
        if not self._is_ours(host):
            return "unknown Host"
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return "another Origin"
        if changing:
            site = request.headers.get("Sec-Fetch-Site", "same-origin")
            if site != "same-origin":
                return "another site"
            if OWN_HEADER not in request.headers:
                return f"{OWN_HEADER} is missing"
        return None

    def _is_ours(self, host):
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if name in (*LOOPBACK, self.host.lower(), *self.names):
            return True
        return self.host in _ANYWHERE and _is_address(name)

    def add_headers(self, headers: Headers) -> None:
        """Adds what keeps browsers from doing anything else with an answer."""
        ancestors = " ".join(self.embed_in) or "'none'"
        headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; "
            f"form-action 'none'; frame-ancestors {ancestors}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        if not self.embed_in:
            headers["X-Frame-Options"] = "DENY"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = (
            "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
        )


def _is_address(name):
    try:
        ipaddress.ip_address(name or "")
    except ValueError:
        return False
    return True
