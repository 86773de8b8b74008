"""Quantities of sessions."""

from __future__ import annotations

from aisbench.metrics.metric import CLIENT, Metric

SESSION = (
    Metric(
        "session_duration",
        "Session duration",
        "ms",
        "last step's done - first step's sent",
        CLIENT,
        "Equal to critical path, tools, thinking and delay together.",
        scope="conversation",
    ),
    Metric(
        "session_critical_path",
        "Session critical path",
        "ms",
        "sum of the E2EL of the chain of steps, each the last that the next one waited for, that "
        "ends last",
        CLIENT,
        "What the server kept the session waiting for; a faster server shortens nothing else.",
        scope="conversation",
    ),
    Metric(
        "session_tools",
        "Session tool time",
        "ms",
        "recorded pauses for tools on the critical path",
        CLIENT,
        scope="conversation",
        better=None,
    ),
    Metric(
        "session_thinking",
        "Session think time",
        "ms",
        "pauses on the critical path that are no tool's",
        CLIENT,
        scope="conversation",
        better=None,
    ),
    Metric(
        "session_delay",
        "Session delay",
        "ms",
        "sent - due of the steps on the critical path",
        CLIENT,
        "Held back by max_concurrency, or the client late.",
        scope="conversation",
    ),
    Metric(
        "session_waiting",
        "Session waiting",
        "ms",
        "sum of all steps' E2EL",
        CLIENT,
        "What would be waited if no step ran beside another.",
        scope="conversation",
    ),
    Metric(
        "session_steps",
        "Session steps",
        "steps",
        "requests of the session",
        CLIENT,
        scope="conversation",
        better=None,
    ),
    Metric(
        "session_output_tokens",
        "Session OutputTokens",
        "tokens",
        "sum of the steps' completion_tokens",
        "server's usage",
        scope="conversation",
        better=None,
    ),
)
