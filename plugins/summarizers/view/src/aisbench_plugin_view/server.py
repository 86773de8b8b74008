"""The viewer's server: it answers this machine alone, and only reads."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.metadata
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import resources
from typing import Any

import orjson
from aiohttp import web
from attrs import define, field

from aisbench import AisbenchError
from aisbench.api import Language, language
from aisbench_plugin_view.contents import Shown, kept_file
from aisbench_plugin_view.guard import REPORT_POLICY, Guard, Handler
from aisbench_plugin_view.index.query import ORDERS, Filter
from aisbench_plugin_view.indexes import BeingMadeError
from aisbench_plugin_view.reports import Reports
from aisbench_plugin_view.viewer import MissingError, Viewer

PORT = 8650
"""Of an address that a tunnel can be made to beforehand; another one where it is taken."""
TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css",
         "json": "application/json"}  # fmt: skip
LONGEST_BODY = 65_536

Json = dict[str, Any]


@define
class ViewServer:
    """Routes to what a viewer knows."""

    viewer: Viewer
    guard: Guard = field(factory=Guard)
    language: Language = field(factory=language)
    port: int = 0
    """Where it listens, once it does."""
    _files: dict[str, tuple[bytes, str]] = field(factory=lambda: dict(static_files()), repr=False)

    def application(self) -> web.Application:
        """The application, for servers and tests."""
        made = web.Application(middlewares=[self.guard.middleware()], client_max_size=LONGEST_BODY)
        run = r"/api/runs/{run:[0-9a-f]{12}}"
        made.router.add_get("/", self._page)
        made.router.add_get(r"/{name:[a-z_]+\.(js|css|json)}", self._file)
        for path, handler in (
            ("/api/start", self._start),
            ("/api/runs", self._runs),
            (run, self._run),
            (run + "/check", self._check),
            (run + "/live", self._live),
            (run + r"/tasks/{task:\d{1,6}}", self._samples),
            (run + r"/tasks/{task:\d{1,6}}/answer", self._sample),
            ("/api/pairs", self._pairs),
        ):
            made.router.add_get(path, told(handler))
        made.router.add_put(run + "/note", told(self._put_note))
        made.router.add_get(r"/runs/{run:[0-9a-f]{12}}/report", self._report)
        made.router.add_get(
            r"/runs/{run:[0-9a-f]{12}}/media/{name:[0-9a-f]{64}[-.0-9a-z]*}", self._media
        )
        return made

    @contextlib.asynccontextmanager
    async def serving(self, port: int | None, host: str = "127.0.0.1") -> AsyncIterator[str]:
        """Serve at ``port`` (None: a usual one, or any that is free); the address with the token.

        Raises AisbenchError where the port is taken.
        """
        runner = web.AppRunner(self.application(), access_log=None)
        await runner.setup()
        try:
            await self._listen(runner, port, host)
            shown = f"[{host}]" if ":" in host else host
            yield f"http://{shown}:{self.port}/?token={self.guard.token}"
        finally:
            await runner.cleanup()
            await asyncio.to_thread(self.viewer.indexes.close)

    async def _listen(self, runner: web.AppRunner, port: int | None, host: str) -> None:
        for one in (PORT, 0) if port is None else (port,):
            try:
                await web.TCPSite(runner, host, one).start()
            except OSError as error:
                if port is None and one:
                    continue
                what = "is taken" if error.errno == errno.EADDRINUSE else error.strerror
                raise AisbenchError(
                    f"--port {one}: {what}", hint="leave it out for one that is free"
                ) from error
            self.port = runner.addresses[0][1]
            return

    async def _page(self, request: web.Request) -> web.Response:
        return self._static("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return self._static(request.match_info["name"])

    def _static(self, name: str) -> web.Response:
        if name not in self._files:
            raise web.HTTPNotFound
        content, kind = self._files[name]
        return web.Response(body=content, content_type=kind, charset="utf-8")

    async def _start(self, request: web.Request) -> Json:
        return {
            "language": self.language,
            "version": importlib.metadata.version("aisbench"),
            "static": False,
        }

    async def _runs(self, request: web.Request) -> Json:
        return await asyncio.to_thread(self.viewer.runs)

    async def _run(self, request: web.Request) -> Json:
        return await asyncio.to_thread(self.viewer.run, request.match_info["run"])

    async def _check(self, request: web.Request) -> Json:
        return await asyncio.to_thread(self.viewer.check, request.match_info["run"])

    async def _live(self, request: web.Request) -> Json:
        return await asyncio.to_thread(self.viewer.live, request.match_info["run"])

    async def _samples(self, request: web.Request) -> Json:
        order = request.query.get("order", "set")
        if order not in ORDERS:
            raise MissingError(f"order: is one of {', '.join(ORDERS)}")
        return await asyncio.to_thread(
            self.viewer.samples,
            request.match_info["run"],
            int(request.match_info["task"]),
            _filter(request),
            order,
            _number(request, "offset", 0),
            _number(request, "limit", 100),
        )

    async def _sample(self, request: web.Request) -> Json:
        return await asyncio.to_thread(
            self.viewer.sample,
            request.match_info["run"],
            int(request.match_info["task"]),
            request.query.get("id", ""),
            _number(request, "repeat", 0),
        )

    async def _pairs(self, request: web.Request) -> Json:
        sides = [
            (request.query.get(side, ""), _number(request, f"{side}_task", 0))
            for side in ("a", "b")
        ]
        return await asyncio.to_thread(
            self.viewer.pairs,
            sides[0],
            sides[1],
            _filter(request),
            request.query.get("differ") == "1",
            _number(request, "offset", 0),
            _number(request, "limit", 100),
        )

    async def _put_note(self, request: web.Request) -> Json:
        try:
            given = orjson.loads(await request.read())
        except ValueError as error:
            raise AisbenchError(f"no JSON: {error}") from error
        return await asyncio.to_thread(self.viewer.put_note, request.match_info["run"], given)

    async def _report(self, request: web.Request) -> web.Response:
        wanted = request.query.get("language", self.language)
        try:
            page = await asyncio.to_thread(
                Reports(self.viewer).page,
                request.match_info["run"],
                "zh" if wanted == "zh" else "en",
            )
        except AisbenchError as error:
            status = 404 if isinstance(error, MissingError) else 409
            return web.Response(status=status, text=str(error))
        return web.Response(
            body=page,
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": REPORT_POLICY},
        )

    async def _media(self, request: web.Request) -> web.StreamResponse:
        run, name = request.match_info["run"], request.match_info["name"]
        found = await asyncio.to_thread(self._shown, run, name)
        if found is None:
            raise web.HTTPNotFound
        return web.FileResponse(found[0], headers={"Content-Type": found[1]})

    def _shown(self, run: str, name: str) -> Shown | None:
        path = self.viewer.folder.run(run)
        if path is None:
            return None
        return kept_file(path, name) or self.viewer.own_files.file(run, name)


def told(handler: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    """The handler with its JSON as the answer, and what a user can mend as an answer, too."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            document, status = await handler(request), 200
        except MissingError as error:
            document, status = {"error": error.message, "hint": error.hint}, 404
        except BeingMadeError as error:
            document, status = {"error": error.message, "hint": error.hint}, 503
        except AisbenchError as error:
            document, status = {"error": error.message, "hint": error.hint}, 409
        except sqlite3.Error as error:
            document = {"error": f"the index cannot be read: {error}",
                        "hint": "look again in a moment; .aisbench/index can be removed at any "
                        "time"}  # fmt: skip
            status = 409
        except OSError as error:
            document = {"error": f"{error.filename}: cannot be read: {error.strerror or error}",
                        "hint": ""}  # fmt: skip
            status = 409
        body = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
        return web.Response(body=body, status=status, content_type="application/json")

    return answered


def _filter(request: web.Request) -> Filter:
    asked = request.query
    return Filter(
        words=asked.get("q", "")[:1000],
        within=asked.get("within", ""),
        id=asked.get("sample", ""),
        verdict=asked.get("verdict", ""),
        part=asked.get("part"),
        odd=asked.get("odd", ""),
    )


def _number(request: web.Request, name: str, default: int) -> int:
    given = request.query.get(name, "")
    # More digits than a file has bytes mean nothing, and SQLite knows 64 bits.
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else default


def static_files() -> list[tuple[str, tuple[bytes, str]]]:
    """The page's own files, by name: no path is ever made of what somebody asks for."""
    package = resources.files("aisbench_plugin_view")
    found = []
    for one in (*(package / "static").iterdir(), package / "texts.zh.json"):
        kind = TYPES.get(one.name.rpartition(".")[2])
        if kind is not None:
            name = one.name.replace(".zh.", "_zh.")
            found.append((name, (one.read_bytes(), kind)))
    return found
