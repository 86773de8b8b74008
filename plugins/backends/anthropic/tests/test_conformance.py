"""The conformance kit; recorded answers stand in tests/recorded, for `aisbench plugins check`."""

from __future__ import annotations

from pathlib import Path

from aisbench.api import Message, Prompt, Request
from aisbench_testkit.conformance import BackendConformance, PackagingConformance, Recorded

HERE = Path(__file__).parent / "recorded"


def request(stream: bool) -> Request:
    prompt = Prompt(messages=(Message(role="user", content="Hello"),))
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=prompt, generation={},
        stream=stream, seed=None,
    )  # fmt: skip


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-anthropic"


class TestMessages(BackendConformance):
    offer = "anthropic-messages"
    models = {  # noqa: RUF012 - of the kit
        b'{"data":[{"id":"claude-x","type":"model","display_name":"X"}],"has_more":false}': (
            "claude-x",
        )
    }
    recorded = (
        Recorded(
            request=request(stream=False), body=(HERE / "message.json").read_bytes(), text="Grüße"
        ),
        Recorded(
            request=request(stream=True),
            content_type="text/event-stream",
            body=(HERE / "stream.sse").read_bytes(),
            text="Grüße",
        ),
    )
