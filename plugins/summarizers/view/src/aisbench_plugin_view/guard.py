"""Who may ask the server: a browser on this machine that was given the token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware
from attrs import field, frozen

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads allow-modals; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of a report, which a stranger may have put into a run: it runs its scripts as nobody, and can
ask nothing of anybody, this server included."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@frozen
class Guard:
    """Lets in who knows the token: once in the address, then by a cookie.

    The host that a browser believes to talk to must be this machine: a name of somebody else's
    that points here (DNS rebinding) is refused. Its port may be any: that of a tunnel's other end.
    """

    token: str = field(factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies are kept by host alone, and several viewers may run."""
        return f"aisbench-view-{hashlib.sha256(self.token.encode()).hexdigest()[:12]}"

    def middleware(self) -> Middleware:
        """What stands before every handler, those of errors included."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            response: web.StreamResponse
            try:
                response = (
                    self._refusal(request) or self._welcome(request) or await handler(request)
                )
            except web.HTTPException as error:
                response = web.Response(status=error.status, text=error.reason)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            response.headers.setdefault("Content-Security-Policy", POLICY)
            return response

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Raises nothing; None: it may go on."""
        if not _is_local(request.headers.getall("Host", [])):
            return _forbidden("this host is not served: ask for 127.0.0.1 or localhost")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
            return _forbidden("another page may not ask this")
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.path != "/":
            return _forbidden("another page may not ask this")
        if request.method not in ("GET", "HEAD") and (
            request.content_type != "application/json" or origin is None
        ):
            return _forbidden("only the viewer's own page may change anything")
        if self._knows(request.query.get("token")) and request.path == "/":
            return None
        if self._knows(request.cookies.get(self.cookie)):
            return None
        return _forbidden("open the address that aisbench view printed: it holds the token")

    def _welcome(self, request: web.Request) -> web.Response | None:
        """The way from the address with the token to that without: it stays in no history."""
        if "token" not in request.query or request.path != "/":
            return None
        if not self._knows(request.query["token"]):  # an old one, with a good cookie
            return _forbidden("open the address that aisbench view printed: it holds the token")
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="Lax", path="/")
        return response

    def _knows(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self.token.encode())


def _is_local(hosts: list[str]) -> bool:
    if len(hosts) != 1:
        return False
    try:
        return urlsplit(f"//{hosts[0]}").hostname in LOOPBACK
    except ValueError:
        return False


def _forbidden(reason: str) -> web.Response:
    return web.Response(status=403, text=f"403: {reason}\n")
