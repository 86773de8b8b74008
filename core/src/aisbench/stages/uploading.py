"""Contents of prompts that a server is given before it is asked, and named in the requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aisbench.base.errors import ServerError
from aisbench.codec.faults import error_message
from aisbench.config.plan import Model, Plan
from aisbench.contract.service_backends import UploadingBackend
from aisbench.conversation.asking import Asker
from aisbench.conversation.prepare import Rows
from aisbench.engine.body import BodyDecoder
from aisbench.engine.client import HttpClient
from aisbench.engine.dispatch import run_together
from aisbench.engine.http_link import HttpLink
from aisbench.engine.link import ServerLink
from aisbench.engine.replicas import Replica, Replicas
from aisbench.media.contents import content_of
from aisbench.media.delivery import upload_name
from aisbench.media.store import MediaStore
from aisbench.types.media import Media

AT_ONCE = 8
"""Contents on their way at the same time."""


async def upload_media(
    plan: Plan, rows: Mapping[str, Rows], model: Model, link: ServerLink, replicas: Replicas
) -> None:
    """Give the server what the first prompts of the model's tasks hold, each content once, where
    ``media.send`` wants it; prompts that are made later name it by its id.

    Raises ServerError for what the server does not take, DataError for what cannot be read.
    """
    delivery = model.delivery
    if delivery is None or delivery.send != "upload":
        return
    assert isinstance(link, HttpLink)  # the suite was checked for it
    for chosen in rows.values():
        # A server that was started anew has forgotten them.
        chosen.media.uploads.pop(model.name, None)
    todo = _contents(plan, rows, model)
    client, replica = link.client, replicas.all[0]

    async def work(todo: Iterator[tuple[MediaStore, Media]]) -> None:
        for store, media in todo:
            known = store.uploads.setdefault(model.name, {})
            name = upload_name(media)
            if name not in known:
                known[name] = ""  # nobody else takes it
                known[name] = await _uploaded(model, client, replica, media)

    await run_together([work(todo) for _ in range(AT_ONCE)])


def _contents(
    plan: Plan, rows: Mapping[str, Rows], model: Model
) -> Iterator[tuple[MediaStore, Media]]:
    """What prompts hold that has no address."""
    for task in plan.tasks:
        if task.model is not model:
            continue
        chosen = rows[task.dataset.name]
        asker = Asker(task, chosen, "", plan.suite.suite.seed, keyed=False)
        for sample in chosen.samples:
            if sample.after:
                continue
            begun = asker.begun(sample)
            if begun.broken is None and begun.next_prompt is not None:
                held: Sequence[Media] = begun.request().prompt.media
                yield from ((chosen.media, one) for one in held if not one.is_address)


async def _uploaded(model: Model, client: HttpClient, replica: Replica, media: Media) -> str:
    """The id of a content on the server. Raises ServerError, DataError."""
    backend = model.backend
    assert isinstance(backend, UploadingBackend)
    wire = backend.upload_request(media, content_of(media))
    body = BodyDecoder()
    attempt = await client.attempt(wire, body, replica, stream=False)
    where = f"models.{model.name}: {replica.url}{wire.path}"
    if fault := attempt.response.fault:
        raise ServerError(f"{where}: {media.whence} was not taken: {fault.message}")
    if body.status >= 300:
        raise ServerError(
            f"{where}: {media.whence} was not taken: status {body.status} "
            f"{error_message(body.data)}".rstrip(),
            hint='the server may take no files: use send = "base64"',
        )
    try:
        return backend.parse_upload(body.data)
    except ValueError as error:
        raise ServerError(f"{where}: {media.whence} was taken, and no id told: {error}") from None
