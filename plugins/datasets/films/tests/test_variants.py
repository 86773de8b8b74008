"""Which variant a backend gets: whole films where it takes them, else pictures out of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit_fakes import plan_of

from aisbench.base.errors import ConfigError
from aisbench.plugins.discovery import discover

DATA = Path(__file__).parent / "data"
SUITE = """
[models.m]
backend = "{backend}"
url = "http://127.0.0.1:9"
[datasets.films]
dataset = "videomme"
path = "{path}"
{key}
"""


@pytest.mark.parametrize(
    ("backend", "key", "variant"),
    [
        ("vllm-chat", "", "0-shot-chat"),
        ("tgi-pictures", "", "0-shot-frames-chat"),
        ("tgi-pictures", "prompt = { frames = { rate = 1.0, most = 4 } }", "0-shot-chat"),
        ("tgi-pictures", 'variant = "0-shot-chat"', "needs 'video'"),
        ("vllm-completions", "", "needs 'chat'"),
    ],
)
def test_variant_of_a_backend(backend: str, key: str, variant: str) -> None:
    suite = SUITE.format(backend=backend, path=DATA / "videomme", key=key)
    if variant.startswith("needs"):
        with pytest.raises(ConfigError) as caught:
            plan_of(suite, discover())
        assert variant in "\n".join(caught.value.problems)
        return
    (task,) = plan_of(suite, discover()).tasks
    assert task.variant_name == variant
