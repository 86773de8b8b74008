"""What came back: text, counts, and what went wrong."""

from __future__ import annotations

import enum
import math

from attrs import frozen

from aisbench.types.media import MediaKind
from aisbench.types.tools import ToolCall
from aisbench.types.vectors import Classes, Vectors


class FinishReason(str, enum.Enum):
    """Why the model stopped, in one vocabulary for all protocols."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    """The server withheld the answer, or the rest of it."""
    REFUSAL = "refusal"
    """The model declined, and its server says so in a separate field."""
    OTHER = "other"


class FaultKind(str, enum.Enum):
    """Where a request broke."""

    CONNECT = "connect"
    """No connection could be made (refused, unreachable, name not found)."""
    TLS = "tls"
    """The certificate or the handshake was refused."""
    TIMEOUT = "timeout"
    """A time-out of the suite expired; the message says which."""
    HTTP = "http"
    """The server answered with an error status."""
    SERVER = "server"
    """The server reported an error inside an answer with status 200."""
    PROTOCOL = "protocol"
    """The bytes received do not follow the protocol."""
    CUT = "cut"
    """The connection or the stream ended before the answer did."""
    LOCAL = "local"
    """A model in this process could not answer this request."""
    DROPPED = "dropped"
    """It was not sent: an earlier conversation that it builds on failed."""
    BUG = "bug"
    """The backend's own code broke on the answer."""
    PLUGIN = "plugin"
    """Another plugin's own code (a template, a data set's play) broke on the sample."""


@frozen(kw_only=True)
class Fault:
    """Why a request has no usable answer.

    ``body`` is the server's own error text (shortened). ``deterministic`` is set when every
    attempt failed with the same status and message, so that sending it again is pointless.
    """

    kind: FaultKind
    message: str
    status: int | None = None
    body: str | None = None
    deterministic: bool = False

    @property
    def signature(self) -> tuple[str, int | None, str]:
        """Equal for faults that count as the same failure."""
        return (self.kind.value, self.status, (self.body or self.message)[:500])


@frozen(kw_only=True)
class Usage:
    """Token counts as the server reported them; None: not reported.

    ``items`` are the texts, documents or sounds of a request that is no conversation, and
    ``audio_ns`` how long its sounds are, by their own heads, else by the server's word. (1.3)
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    items: int | None = None
    audio_ns: int | None = None


@frozen(kw_only=True)
class Scored:
    """The log-probabilities (natural) of a continuation's tokens, given the prompt before it.

    ``greedy`` says whether each token is the model's first choice, None where that is unknown.
    ``tokens`` are the texts of the tokens, if the protocol shows them. ``windows`` is the number
    of pieces in which a text longer than the model's context was scored; 1: as a whole.
    """

    logprobs: tuple[float, ...]
    tokens: tuple[str, ...] = ()
    greedy: bool | None = None
    windows: int = 1

    @property
    def total(self) -> float:
        """The log-probability of the whole continuation."""
        return math.fsum(self.logprobs)


@frozen
class TokenLogprob:
    """A token that was generated, and its log-probability (natural; -inf: the server says that
    it was impossible).

    ``top`` are the most probable tokens at its place with theirs, the most probable first, as
    many as were asked for. ``raw`` are the token's bytes where ``token`` cannot show them (a part
    of a character) and the server tells them.
    """

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()
    raw: bytes | None = None


class Thinking(str, enum.Enum):
    """What became of the model's reasoning."""

    NONE = "none"
    FINISHED = "finished"
    UNFINISHED = "unfinished"


@frozen(kw_only=True)
class SeenMedia:
    """What a model in this process was given of the pictures, sounds or films of a prompt: all of
    one ``kind``, of which there are ``count``.

    ``tokens`` is how many tokens of the prompt stand for them, None where that is unknown.
    ``sizes`` are width and height of each picture or film in pixels, after the model's processor
    made them fit where it tells (else as they were read), ``frames`` how many frames it saw of
    each film, ``samples`` how many samples of each sound. (1.3)
    """

    kind: MediaKind
    count: int
    tokens: int | None = None
    sizes: tuple[tuple[int, int], ...] = ()
    frames: tuple[int, ...] = ()
    samples: tuple[int, ...] = ()


@frozen(kw_only=True)
class Response:
    """The answer to one request.

    ``scored`` is the answer to a prompt with a continuation, which has no text. ``tool_calls``
    are in the order in which the model made them. ``tokens`` are those of the answer, reasoning
    and all, with their log-probabilities, where ``generation.logprobs`` asked for them and the
    server gave them.

    A codec fills ``text``, ``reasoning`` and ``refusal`` (the words with which the model
    declined, where the protocol separates them from answers) as the server sent them. Core then
    moves inline reasoning out of ``text``, so that evaluators see only the answer. ``ignored``
    names what is none of the three ("a part of type 'image'"). A failed request keeps what had
    arrived, with ``fault`` set.

    Models that generate nothing give one of ``vectors`` (of each text), ``relevance`` (how well
    each text fits the query, in the order of the request, in the server's own unit) and
    ``classes`` (of each text). (1.3)

    ``seen`` is what a model in this process was given of the prompt's pictures, sounds and films.
    (1.3)
    """

    text: str = ""
    reasoning: str | None = None
    refusal: str | None = None
    thinking: Thinking = Thinking.NONE
    finish_reason: FinishReason | None = None
    usage: Usage = Usage()
    tool_calls: tuple[ToolCall, ...] = ()
    scored: Scored | None = None
    model: str | None = None
    fault: Fault | None = None
    ignored: tuple[str, ...] = ()
    tokens: tuple[TokenLogprob, ...] = ()
    vectors: Vectors | None = None
    relevance: tuple[float, ...] = ()
    classes: tuple[Classes, ...] = ()
    seen: tuple[SeenMedia, ...] = ()

    @property
    def generated(self) -> bool:
        """Whether it is what a model wrote, and not vectors, scores or labels."""
        return self.vectors is None and not self.relevance and not self.classes

    @property
    def shown(self) -> str:
        """What a person is shown of it: the text, or a line about what stands in its place."""
        if self.text or self.generated:
            return self.text
        if self.vectors is not None:
            return f"{len(self.vectors)} x {self.vectors.width} numbers"
        if self.relevance:
            return ", ".join(f"{one:.4g}" for one in self.relevance)
        return "\n".join(one.label for one in self.classes)
