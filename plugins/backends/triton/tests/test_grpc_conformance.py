"""The conformance kit over gRPC, against a small server that answers as Triton does."""

from __future__ import annotations

import runpy
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from aisbench_testkit.conformance import Expected, TransportConformance

pytest.importorskip("google.protobuf", reason='needs "aisbench-plugin-triton[grpc]"')
pytest.importorskip("grpc", reason='needs "aisbench-plugin-triton[grpc]"')


@pytest.mark.not_quick
class TestTritonGrpc(TransportConformance):
    offer = "triton-grpc"
    expected = (Expected(prompt="1 + 1 =", text="It is 2."),)
    lingers = "gRPC itself ends a handshake that is under way, after 20 s"

    def peer(self) -> AbstractAsyncContextManager[str]:
        serve = runpy.run_path(str(Path(__file__).with_name("peer.py")))["serve"]
        given: AbstractAsyncContextManager[str] = serve()
        return given
