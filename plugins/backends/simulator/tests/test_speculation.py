"""Speculative decoding: steps, counters, and the events that a client sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aisbench.api import AisbenchError
from aisbench_plugin_simulator.config import change
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.speculation import Acceptance, kind_of, steps


def test_steps_make_all_tokens_and_count_what_was_accepted() -> None:
    made = steps(40, 3, (Acceptance("", (1.0, 1.0, 0.0)),), "code", (0,))
    assert made.ends == (*range(1, 40, 3), 40)
    assert set(made.accepted) == {2}
    assert steps(5, 3, (Acceptance("code", (1.0,)),), "maths", (0,)).ends == (1, 2, 3, 4, 5)


def test_chances_are_of_the_place_and_of_the_kind() -> None:
    chances = (Acceptance.parse("0.8,0.5"), Acceptance.parse("code=0.1"))
    made = steps(6000, 3, chances, "natural language", (7,)).accepted
    share = [sum(one > place for one in made) / len(made) for place in range(3)]
    assert share == pytest.approx([0.8, 0.4, 0.2], abs=0.03)
    rare = steps(6000, 3, chances, "code", (7,)).accepted
    assert sum(one > 0 for one in rare) / len(rare) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("text", ["", "high", "1.5", "poetry=0.5", "0.5;0.4"])
def test_refuses_what_is_no_chance(text: str) -> None:
    with pytest.raises(AisbenchError, match="acceptance"):
        change(SimulatorSettings(), {"acceptance": text})


def test_knows_kinds_by_their_looks() -> None:
    assert kind_of("def f(x):\n    return x\n\nimport os") == "code"
    assert kind_of("What is 3 + 4, and 12 * 7?") == "maths"
    assert kind_of("the same line\n" * 8) == "repetition"
    assert kind_of("A long story about a dog.") == "natural language"


def test_what_a_step_makes_comes_at_once(serve: Callable[..., Any]) -> None:
    api = serve(draft_tokens=2, acceptance="1", tpot_ms=20, output_tokens=10)
    events = api.chat("Hello", stream=True).events
    texts = [one["choices"][0]["delta"].get("content") for one in events if one["choices"]]
    assert [len(one.split()) for one in texts if one] == [1, 3, 3, 3]
    log = api.log()[0]
    # Three steps; the first token may be late.
    assert 50e6 <= log["last_token_ns"] - log["first_token_ns"] < 120e6
    assert api.stats()["speculative_decoding"] == {
        "natural language": {
            "drafts": 3,
            "draft_tokens": 6,
            "accepted_tokens": 6,
            "position 0": 3,
            "position 1": 3,
        }
    }
    page = api.get("/metrics").body.decode()
    assert 'vllm:spec_decode_num_accepted_tokens_per_pos_total{engine="0"' in page
    assert 'position="1"} 3.0' in page
