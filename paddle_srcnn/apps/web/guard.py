"""Refusal of requests that do not come from the page itself, and headers that bind the page to its own server.

Other pages of the same browser, and other users of the same machine, reach a server on 127.0.0.1 too. They know neither
its token, nor can they send its Host and Origin.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # the address holds the token
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",  # a browser's cache on the disk outlives the program
}
READING = ("GET", "HEAD")
OTHER_SITES = ("cross-site", "same-site")  # another port of this machine is of the same site


class Guard:
    """Middleware that lets through only requests of the page, and completes the headers of all answers.

    Parameters
    ----------
    app : ASGI application
    port : int
        Port of 127.0.0.1 that the server listens on.
    tokens : sequence of str
        First part of every path.
    """

    def __init__(self, app: ASGIApp, *, port: int, tokens: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._refusal(scope) or self._app
        await answer(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host, method = headers.get("host", ""), scope["method"]
        if host not in self._hosts:
            return PlainTextResponse("this server answers under its own address alone", 421)
        origins = headers.getlist("origin")
        if any(origin != f"http://{host}" for origin in origins) or not (origins or method in READING):
            return PlainTextResponse("this server answers its own page alone", 403)
        site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
        if site in OTHER_SITES and not (mode == "navigate" and method in READING):
            return PlainTextResponse("this server answers its own page alone", 403)
        token = scope["path"].split("/")[1].encode()
        if not any(secrets.compare_digest(token, known.encode()) for known in self._tokens):
            return PlainTextResponse("there is no such page", 404)
        return None
