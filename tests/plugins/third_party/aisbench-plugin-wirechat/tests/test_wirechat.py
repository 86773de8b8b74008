"""The conformance kit, against a small server of the protocol."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from peer import serve

from aisbench_testkit.conformance import Expected, TransportConformance


class TestWireChat(TransportConformance):
    offer = "wirechat"
    expected = (Expected(prompt="1 + 1 =", text="It is 2."),)

    def peer(self) -> AbstractAsyncContextManager[str]:
        return serve()
