"""The checks of a backend with a transport of its own."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from aisbench.api import BackendOffer
from aisbench.base.modules import import_file
from aisbench_testkit.checking.case import OfferCase
from aisbench_testkit.checking.dataset_steps import NamedStep
from aisbench_testkit.checking.tables import CheckTableError
from aisbench_testkit.checks import (
    constructing,
    local,
    transport,
    transport_answers,
    transport_requests,
)
from aisbench_testkit.checks.peers import Peer
from aisbench_testkit.checks.transport_answers import PLAIN, Expected

_ANSWERS = "answers"


def transport_steps(case: OfferCase) -> Iterator[NamedStep]:
    """What needs no server first."""
    offer = case.listed.offer
    assert isinstance(offer, BackendOffer)
    expected = [Expected(prompt=one.prompt, text=one.text) for one in case.table.expected]
    known = expected or PLAIN
    yield "settings of generation", lambda: local.check_refused(case.make())
    yield "construction", lambda: constructing.check_construction(case.make)
    yield (
        "servers that are none",
        lambda: transport.check_no_server(case.make, offer, case.table.lingers),
        "construction",
    )
    yield "what is shown", lambda: transport.check_shown(case.make, offer)
    yield (
        _ANSWERS,
        lambda: transport_answers.check_answers(case.make, offer, _peer(case), known),
        "construction",
    )
    yield (
        "requests that are given up",
        lambda: transport_requests.check_given_up(case.make, offer, _peer(case), known),
        _ANSWERS,
    )
    yield (
        "generation settings",
        lambda: transport_requests.check_reach(case.make, offer, _peer(case), expected=known),
        _ANSWERS,
    )


def _peer(case: OfferCase) -> Peer | None:
    """The author's server. Raises CheckTableError for a name of nothing."""
    named = case.table.peer
    if not named:
        return None
    where, _, name = named.rpartition(":")
    try:
        if where.endswith(".py"):
            module: Any = import_file((case.folder / where).absolute())
        else:
            module = importlib.import_module(where)
        found: Any = getattr(module, name)
    except (ImportError, AttributeError, OSError, ValueError) as error:
        raise CheckTableError(
            f"the peer {named!r} of {case.listed.offer.name} is not there: {error}",
            hint='"tests/peer.py:serve", relative to the table\'s file, or "module:serve"',
        ) from None
    peer: Peer = found
    return peer
