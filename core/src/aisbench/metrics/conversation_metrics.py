"""Quantities of conversations."""

from __future__ import annotations

from aisbench.metrics.metric import CLIENT, Metric

CONVERSATION = (
    Metric(
        "conversation_duration",
        "Conversation duration",
        "ms",
        "last turn's done - first turn's sent",
        CLIENT,
        "Think times included.",
        scope="conversation",
    ),
    Metric(
        "conversation_waiting",
        "Conversation waiting",
        "ms",
        "sum of the turns' E2EL",
        CLIENT,
        scope="conversation",
    ),
    Metric(
        "conversation_turns",
        "Conversation turns",
        "turns",
        "requests of the conversation",
        CLIENT,
        scope="conversation",
        better=None,
    ),
    Metric(
        "conversation_output_tokens",
        "Conversation OutputTokens",
        "tokens",
        "sum of the turns' completion_tokens",
        "server's usage",
        scope="conversation",
        better=None,
    ),
    Metric(
        "turn_interval",
        "Turn interval",
        "ms",
        "a turn's sent - the sent of the turn before it",
        CLIENT,
        "The inverse of a user's own rate.",
        scope="conversation",
        better=None,
    ),
)
