"""Opening the way to a model's servers that its backend asks for."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from aisbench.config.addresses import with_scheme
from aisbench.config.plan import Model
from aisbench.config.suite import urls
from aisbench.engine.client import HttpClient
from aisbench.engine.http_link import HttpLink
from aisbench.engine.link import ServerLink
from aisbench.engine.own_link import OwnLink


@contextlib.asynccontextmanager
async def open_link(model: Model, headers: Mapping[str, str]) -> AsyncIterator[ServerLink]:
    """The link, closed at the end. Raises AisbenchError for an unreadable CA file."""
    if model.own:
        async with OwnLink(model, headers) as own:
            yield own
    else:
        async with HttpClient(model.service, headers, model.codec) as client:
            yield HttpLink(client, model.codec)


def addresses_of(model: Model, servers: Mapping[str, str]) -> Sequence[str]:
    """The urls of a model's replicas; ``servers`` are the addresses of those that were started for
    the run, in the scheme that the backend speaks."""
    service = model.service
    if not service.server:
        return urls(service)
    return [with_scheme(servers[service.server], model.offer.schemes[0])]
