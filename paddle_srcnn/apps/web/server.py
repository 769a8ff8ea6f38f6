"""Addresses of the page: its files, the list of pictures, uploads, enlargements, views and results."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from paddle_srcnn.apps.web.album import Album, Picture
from paddle_srcnn.apps.web.archive import archived
from paddle_srcnn.apps.web.enlarging import Enlarging
from paddle_srcnn.apps.web.names import picture_name
from paddle_srcnn.apps.web.views import TILE, Views, thumbnail
from paddle_srcnn.errors import UserError, one_line
from paddle_srcnn.images.kinds import IMAGE_SUFFIXES, UNREAD_SUFFIXES
from paddle_srcnn.images.limits import LIMIT_VARIABLE, pixel_limit
from paddle_srcnn.images.photos import read_photo
from paddle_srcnn.system.cli import problem_line

__all__ = ["PAGE_FILES", "Page"]

SCRIPTS = ("page.js", "server.js", "dropped.js", "viewer.js", "tiles.js", "words.js")
FOLDER = Path(__file__).with_name("page")
PAGE_FILES = {
    "": ("page.html", "text/html"),
    **{name: (name, "text/javascript") for name in SCRIPTS},
    "page.css": ("page.css", "text/css"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
}
PIXEL_BYTES = 8  # of RGBA with 16 bits
METADATA_BYTES = 64 << 20
LONGEST_ORDER = 1 << 16  # bytes of JSON

logger = logging.getLogger(__name__)


class TooLong(Exception):
    """A body of more bytes than allowed."""


class Page:
    """The application behind the page.

    Parameters
    ----------
    album : Album
    enlarging : Enlarging
    """

    def __init__(self, album: Album, enlarging: Enlarging) -> None:
        self._album = album
        self._enlarging = enlarging
        self._views = Views()
        self._largest = pixel_limit() * PIXEL_BYTES + METADATA_BYTES

    def application(self, token: str, opening: str) -> Starlette:
        """Make the application.

        Parameters
        ----------
        token : str
            First part of every path.
        opening : str
            A path that leads to the page once. Other users of the machine see it in the browser's command line.
        """
        unused = [opening]

        def open_page(_: Request) -> Response:
            if not unused:
                return Response("this address has been used: take the one that the program prints", 410)
            unused.clear()
            return RedirectResponse(f"/{token}/", 303)

        picture = "/pictures/{number:int}"
        routes = [
            Route("/state", self._state),
            Route("/pictures", self._upload, methods=["POST"]),
            Route("/enlarge", self._enlarge, methods=["POST"]),
            Route("/stop", self._stop, methods=["POST"]),
            Route("/end", self._end, methods=["POST"]),
            Route("/results.zip", self._results),
            Route("/view", self._close_view, methods=["DELETE"]),
            Route(picture, self._remove, methods=["DELETE"]),
            Route(f"{picture}/thumbnail.png", self._thumbnail),
            Route(f"{picture}/result", self._result),
            Route(f"{picture}/view", self._view),
            Route(picture + "/{side}/{level:int}/{column:int}/{row:int}.png", self._tile),
            Route("/{name}", _page_file),
            Route("/", _page_file),
        ]
        return Starlette(
            routes=[Route(f"/{opening}", open_page), Mount(f"/{token}", routes=routes)],
            exception_handlers={Exception: _failed},
        )

    def _state(self, _: Request) -> Response:
        pictures = self._album.pictures()
        state = {
            "pictures": [_described(picture) for picture in pictures],
            "seconds": self._enlarging.seconds_left(pictures),
            "largest": self._largest,
            "suffixes": sorted(IMAGE_SUFFIXES | UNREAD_SUFFIXES),
        }
        return JSONResponse(state)

    async def _upload(self, request: Request) -> Response:
        name = picture_name(request.query_params.get("name", ""))
        try:
            picture = self._album.new(name)
            try:
                await self._store(request, picture)
                await run_sync(_inspect, picture)
            except BaseException:
                shutil.rmtree(picture.folder, ignore_errors=True)
                raise
        except TooLong:
            limit = f"it has more than {self._largest >> 20} MB"
            advice = f"reduce or split it, or set {LIMIT_VARIABLE} higher"
            return _problem(f"{name} is too large to be read safely ({limit}): {advice}", 413)
        except ClientDisconnect:
            return Response(status_code=400)
        except UserError as error:
            return _problem(problem_line(error), 409)
        except OSError as error:
            return _problem(f"{name} cannot be stored ({error.strerror or error}): free some space", 507)
        self._album.add(picture)
        return JSONResponse(_described(picture), 201)

    async def _store(self, request: Request, picture: Picture) -> None:
        with picture.source.open("xb") as file:
            async for content in _limited(request, self._largest):
                file.write(content)

    async def _enlarge(self, request: Request) -> Response:
        try:
            order = await _order(request)
            options = self._enlarging.options(order)
        except UserError as error:
            error.about = "scale" if error.about == "upscale" else error.about  # the option of `srcnn upscale`
            return _problem(problem_line(error), 422)
        self._album.enqueue(_numbers(order), options)
        return self._state(request)

    async def _stop(self, request: Request) -> Response:
        try:
            order = await _order(request)
        except UserError as error:
            return _problem(str(error), 422)
        self._album.stop(_numbers(order))
        return self._state(request)

    def _remove(self, request: Request) -> Response:
        self._views.close()
        found = self._album.remove(request.path_params["number"])
        return self._state(request) if found else _nothing()

    def _end(self, _: Request) -> Response:
        self._enlarging.ended.set()
        return Response(status_code=204)

    def _thumbnail(self, request: Request) -> Response:
        picture = self._album.get(request.path_params["number"])
        if picture is None or not picture.thumbnail:
            return _nothing()
        return Response(picture.thumbnail, media_type="image/png")

    def _result(self, request: Request) -> Response:
        picture = self._album.get(request.path_params["number"])
        if picture is None or picture.made is None:
            return _nothing()
        name = picture.result_name(picture.made)
        return FileResponse(picture.target, filename=name, media_type="application/octet-stream")

    def _results(self, _: Request) -> Response:
        made = [(picture, picture.made) for picture in self._album.pictures() if picture.made is not None]
        files = [(picture.result_name(options), picture.target) for picture, options in made]
        headers = {"Content-Disposition": 'attachment; filename="enlarged.zip"'}
        return (
            StreamingResponse(archived(files), media_type="application/zip", headers=headers) if files else _nothing()
        )

    def _view(self, request: Request) -> Response:
        picture = self._album.get(request.path_params["number"])
        if picture is None or picture.made is None:
            return _nothing()
        try:
            view = self._views.of(picture)
        except UserError as error:
            return _problem(picture.told(error, picture.made), 422)
        height, width = view.after.pixels.shape[:2]
        return JSONResponse({"width": width, "height": height, "levels": view.levels, "tile": TILE})

    def _tile(self, request: Request) -> Response:
        picture, place = self._album.get(request.path_params["number"]), request.path_params
        if picture is None or picture.made is None or place["side"] not in ("before", "after"):
            return _nothing()
        try:
            view = self._views.of(picture)
        except UserError:  # removed meanwhile
            return _nothing()
        tile = view.tile(place["side"], place["level"], place["column"], place["row"])
        return Response(tile, media_type="image/png") if tile else _nothing()

    def _close_view(self, _: Request) -> Response:
        self._views.close()
        return Response(status_code=204)


def _failed(request: Request, error: Exception) -> Response:
    """Answer a request that a mistake of this program has ended."""
    problem = f"the page's {request.method} request failed ({type(error).__name__}: {error})"
    logger.warning("%s", problem)
    return _problem(one_line(problem), 500)


def _page_file(request: Request) -> Response:
    found = PAGE_FILES.get(request.path_params.get("name", ""))
    return FileResponse(FOLDER / found[0], media_type=found[1]) if found else _nothing()


def _inspect(picture: Picture) -> None:
    """Read a picture once, so that a refusal appears at once."""
    try:
        photo = read_photo(picture.source)
    except UserError as error:
        picture.state, picture.error = "refused", picture.told(error)
        picture.source.unlink()
        return
    height, width = photo.pixels.shape[:2]
    picture.size, picture.thumbnail = (width, height), thumbnail(photo)


async def _limited(request: Request, largest: int) -> AsyncIterator[bytes]:
    """Yield a body part by part."""
    length = request.headers.get("content-length", "")
    received = 0
    if length.isdecimal() and int(length) > largest:
        raise TooLong
    async for content in request.stream():
        received += len(content)
        if received > largest:
            raise TooLong
        yield content


async def _order(request: Request) -> dict[str, Any]:
    """Read a body of JSON."""
    try:
        order = json.loads(b"".join([content async for content in _limited(request, LONGEST_ORDER)]))
    except (TooLong, ValueError, RecursionError):
        order = None
    if not isinstance(order, dict):
        raise UserError("the page has sent no order that can be read: load it again")
    return order


def _numbers(order: dict[str, Any]) -> Sequence[int]:
    numbers = order.get("pictures")
    return [number for number in numbers if type(number) is int] if isinstance(numbers, list) else []


def _described(picture: Picture) -> dict[str, Any]:
    """Describe a picture for the page."""
    wanted, made = picture.wanted, picture.made
    return {
        "number": picture.number,
        "name": picture.name,
        "width": picture.size[0],
        "height": picture.size[1],
        "state": picture.state,
        "error": picture.error,
        "notes": picture.notes,
        "done": picture.done,
        "total": picture.total,
        "wanted": wanted and Enlarging.choices(wanted),
        "made": made and Enlarging.choices(made),
        "result": made and picture.result_name(made),
        "network": picture.result and picture.result.network,
        "quality": picture.result and picture.result.jpeg_quality,
        "revision": picture.revision,
    }


def _problem(text: str, status: int) -> Response:
    return JSONResponse({"error": text}, status)


def _nothing() -> Response:
    return Response("there is no such picture", 404)
