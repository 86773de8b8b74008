"""OpenAI's ``/v1/files``: files that are sent once and named in requests by their ids."""

from __future__ import annotations

import os
import time

import orjson
from aiohttp import BodyPartReader, web

from aisbench_plugin_simulator.refusal import OpenaiError, Refusal, error_body
from aisbench_plugin_simulator.simulator import SIMULATOR
from aisbench_plugin_simulator.uploaded import KeptFile

_PART = 2**16


def add_routes(app: web.Application) -> None:
    """The routes of this module."""
    app.router.add_post("/v1/files", upload)
    app.router.add_get("/v1/files", listed)
    app.router.add_get("/v1/files/{file}", told)
    app.router.add_get("/v1/files/{file}/content", content)
    app.router.add_delete("/v1/files/{file}", delete)


async def upload(request: web.Request) -> web.Response:
    """POST /v1/files: a form with ``file`` and ``purpose``."""
    try:
        made = await _read_form(request)
    except Refusal as refusal:
        return _refused(request, refusal)
    request.app[SIMULATOR].uploads.add(made)
    return _json(made.told())


async def _read_form(request: web.Request) -> KeptFile:
    if not request.content_type.startswith("multipart/"):
        raise Refusal(400, "the body must be a form (multipart/form-data)", param="file")
    name, data, purpose = "", None, ""
    try:
        form = await request.multipart()
        while (part := await form.next()) is not None:
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "file":
                name, data = part.filename or "file", bytes(await part.read())
            elif part.name == "purpose":
                purpose = await part.text()
    except ValueError as error:
        raise Refusal(400, f"the form cannot be read: {error}", param="file") from None
    for field, value in (("file", data), ("purpose", purpose)):
        if value is None or value == "":
            said = OpenaiError(
                f"'{field}' is a required property", "missing_required_parameter", field
            )
            raise Refusal(400, said.message, param=field, openai=said)
    return KeptFile(
        id=f"file-{os.urandom(12).hex()}",
        name=name,
        purpose=purpose,
        created=int(time.time()),
        content=data or b"",
    )


async def listed(request: web.Request) -> web.Response:
    """GET /v1/files."""
    files = [one.told() for one in request.app[SIMULATOR].uploads.all()]
    return _json({"object": "list", "data": files, "has_more": False})


async def told(request: web.Request) -> web.Response:
    """GET /v1/files/ID."""
    found = request.app[SIMULATOR].uploads.get(request.match_info["file"])
    return _unknown(request) if found is None else _json(found.told())


async def content(request: web.Request) -> web.Response:
    """GET /v1/files/ID/content."""
    found = request.app[SIMULATOR].uploads.get(request.match_info["file"])
    if found is None:
        return _unknown(request)
    return web.Response(body=found.content, content_type="application/octet-stream")


async def delete(request: web.Request) -> web.Response:
    """DELETE /v1/files/ID."""
    name = request.match_info["file"]
    if not request.app[SIMULATOR].uploads.remove(name):
        return _unknown(request)
    return _json({"id": name, "object": "file", "deleted": True})


def _unknown(request: web.Request) -> web.Response:
    said = f"No such File object: {request.match_info['file']}"
    return _refused(request, Refusal(404, said, kind="NotFoundError", param="id"))


def _refused(request: web.Request, refusal: Refusal) -> web.Response:
    data = error_body(refusal, request.app[SIMULATOR].settings)
    return web.Response(body=data, status=refusal.status, content_type="application/json")


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
