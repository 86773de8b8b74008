"""Token totals where the server counts, and where the tokenizer is not at hand."""

from __future__ import annotations

from aisbench.stages.token_totals import TokenTally
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response, Usage


def test_without_its_tokenizer_what_the_server_left_out_is_unknown() -> None:
    """As where answers are scored on another machine: no part of a sum looks like the whole."""
    tally = TokenTally("/absent/tokenizer.json")
    tally.add(
        Prompt(text="a"), Response(text="b", usage=Usage(prompt_tokens=3, completion_tokens=5))
    )
    tally.add(Prompt(text="a"), Response(text="b", usage=Usage(prompt_tokens=4)))
    assert tally.result() == {"prompt_tokens": 7, "completion_tokens": None, "counted_here": 0}
    assert "/absent/tokenizer.json" in tally.problem


def test_where_the_server_counts_all_no_tokenizer_is_needed() -> None:
    tally = TokenTally("/absent/tokenizer.json")
    tally.add(
        Prompt(text="a"), Response(text="b", usage=Usage(prompt_tokens=3, completion_tokens=5))
    )
    assert tally.result() == {"prompt_tokens": 3, "completion_tokens": 5, "counted_here": 0}
    assert tally.problem == ""
