"""What a client asked for, whatever protocol it spoke."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from aisbench_plugin_simulator.constraint import Constraint


@frozen
class MediaPart:
    """A picture, a sound, a film or a file in a message.

    ``source`` is a URL (``data:``, ``http:``, ``https:``, ``file:``) or the bytes in base64, or
    the id of an uploaded file where ``uploaded``; ``place`` is where it stands in the request.
    """

    kind: str
    """"image", "audio", "video" or "file"."""
    source: str
    place: str
    uploaded: bool = False


@frozen
class Function:
    """A function that may be called; ``parameters`` is the JSON schema of its arguments."""

    name: str
    parameters: Any = field(default=None, eq=False)


@frozen(kw_only=True)
class ToolChoice:
    """The functions that may be called, and whether one must be."""

    functions: tuple[Function, ...] = ()
    must: bool = False
    named: bool = False
    """It was asked for by its name, and is the only one in ``functions``."""
    parallel: bool = True
    """An answer may hold several calls."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the functions."""
        return tuple(one.name for one in self.functions)


NO_TOOLS = ToolChoice()


@frozen(kw_only=True)
class ParsedRequest:
    """A request that the simulator can answer. ``question`` is where it looks for one."""

    chat: bool
    model: str
    question: str
    prompt_tokens: int
    max_tokens: int
    """The most tokens of the answer: what the client said, or what is left of the context."""
    min_tokens: int
    stop: tuple[str, ...]
    keep_stop: bool
    seed: int | None
    stream: bool
    usage: bool
    """A last event with the usage, as ``stream_options.include_usage`` asks."""
    usage_always: bool
    """The usage in every event, as ``continuous_usage_stats`` asks."""
    echo: bool = False
    """The prompt comes back before the answer."""
    logprobs: int | None = None
    """Log-probabilities of an echoed text, with so many alternatives."""
    own_logprobs: int | None = None
    """Log-probabilities of the answer's tokens, with so many alternatives."""
    prompt_logprobs: bool = False
    scored: str = ""
    """The whole text whose log-probabilities are asked for."""
    token_ids: bool = False
    """The ids of its tokens are sent too."""
    tools: ToolChoice = NO_TOOLS
    after_tool: bool = False
    """The last message is the result of a call."""
    constraint: Constraint | None = None
    """What the answer must be."""
    media: tuple[MediaPart, ...] = ()
    said: int | None = None
    """The most tokens of the answer as the client said it; None where it did not."""
    n: int = 1
    """Choices for each prompt."""
    others: tuple[ParsedRequest, ...] = ()
    """The same request with its further prompts, where there are several."""

    @property
    def choices(self) -> int:
        """How many answers there are."""
        return self.n * (1 + len(self.others))
