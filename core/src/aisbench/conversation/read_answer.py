"""What core reads out of every answer: the reasoning and the tool calls in its text."""

from __future__ import annotations

import attrs

from aisbench.config.suite import ModelSettings
from aisbench.reading.reasoning import split_reasoning
from aisbench.reading.tool_calls import find_calls
from aisbench.types.response import Response


def understood(response: Response, settings: ModelSettings) -> Response:
    """The response as evaluators and data sets see it. Stored answers stay as they came."""
    if response.scored is not None:
        # Such a request generates nothing that could end or be cut.
        return attrs.evolve(response, text="", finish_reason=None)
    return find_calls(split_reasoning(response, settings.reasoning), settings.tool_parser)
