"""Everything that can be set of the simulator."""

from __future__ import annotations

from pathlib import Path

import attrs
from attrs import frozen

from aisbench.api import above, at_least, between, not_empty, setting
from aisbench_plugin_simulator.adapter_spec import AdapterSpec
from aisbench_plugin_simulator.failures import Failure
from aisbench_plugin_simulator.length import Length
from aisbench_plugin_simulator.media_checking import MediaCheck
from aisbench_plugin_simulator.reasoning import ReasoningMode
from aisbench_plugin_simulator.refusal import ErrorForm
from aisbench_plugin_simulator.speculation import Acceptance


@frozen(kw_only=True)
class SimulatorSettings:
    """Each field is a flag of ``aisbench simulate`` and a key of its TOML file."""

    host: str = setting(default="127.0.0.1", help="address to listen on", check=not_empty)
    port: int = setting(
        default=8000, help="port to listen on; 0 takes a free one", check=between(0, 65535)
    )
    tls_cert: Path | None = setting(default=None, help="certificate (PEM): serve https")
    tls_key: Path | None = setting(default=None, help="private key (PEM) of tls_cert")
    api_key: str | None = setting(default=None, help="key that /v1 asks for, as a Bearer token")
    model: tuple[str, ...] = setting(
        default=("simulator",), help="names of the served models", check=not_empty
    )
    max_model_len: int = setting(
        default=32768, help="context length", unit="tokens", check=at_least(1)
    )
    adapter: tuple[AdapterSpec, ...] = setting(
        default=(),
        help="a LoRA adapter of the first model, and the ms that it takes to load: sql=80",
    )
    max_loras: int = setting(
        default=1,
        help="adapters that are loaded at once, the least recently used one going first; 0: all",
        check=at_least(0),
    )
    seed: int = setting(default=0, help="decides everything that looks random")

    ttft_ms: float = setting(
        default=0.0, help="time to the first token", unit="ms", check=at_least(0)
    )
    tpot_ms: float = setting(
        default=0.0, help="time of each further token", unit="ms", check=at_least(0)
    )
    max_num_seqs: int = setting(
        default=0,
        help="requests that are answered at once; others wait, the first to come first; 0: all",
        check=at_least(0),
    )
    batch_ms: float = setting(
        default=0.0,
        help="time that each request beside it, when it begins, adds to each further token",
        unit="ms",
        check=at_least(0),
    )
    jitter: float = setting(
        default=0.0,
        help="fraction by which the times differ: ttft by up to this, a token's by up to half",
        check=between(0, 1),
    )
    tokens_per_chunk: int = setting(default=1, help="tokens in one event", check=at_least(1))
    output_tokens: Length = setting(
        default=Length(64, 64),
        help="length of an answer to an unknown question, such as 64 or 32-128",
        unit="tokens",
    )

    errors: ErrorForm = setting(
        default=ErrorForm.VLLM, help="whose form the errors of the OpenAI API have"
    )
    tool_share: float = setting(
        default=0.0,
        help="share of the answers to unknown questions that call a function where a request "
        "offers some",
        check=between(0, 1),
    )
    tool_calls: Length = setting(
        default=Length(1, 1),
        help="calls in such an answer, and where one must be made, if several are allowed",
    )

    check_media: MediaCheck = setting(
        default=MediaCheck.DECODE,
        help="how pictures, sounds and films in messages are checked: decoded (with Pillow and "
        "PyAV, where they are installed), by their structure, or counted only",
    )
    allowed_local_media_path: Path | None = setting(
        default=None, help="folder whose files messages may name with file: URLs"
    )

    vector_size: int = setting(
        default=64, help="numbers in a vector of the embeddings endpoints", check=at_least(1)
    )
    labels: tuple[str, ...] = setting(
        default=("negative", "positive"),
        help="labels of the classification endpoints",
        check=not_empty,
    )

    reasoning: ReasoningMode = setting(
        default=ReasoningMode.NONE, help="where reasoning is put, if the model reasons"
    )
    reasoning_share: float = setting(
        default=1.0, help="share of the answers that have reasoning", check=between(0, 1)
    )
    reasoning_tokens: Length = setting(
        default=Length(32, 32), help="length of the reasoning, such as 32 or 16-64", unit="tokens"
    )

    block_size: int = setting(
        default=0,
        help="tokens of a block of the prefix cache, such as 16; 0: there is no cache",
        unit="tokens",
        check=at_least(0),
    )
    blocks: int = setting(
        default=0, help="blocks that the cache holds; 0: any number", check=at_least(0)
    )
    prefill_ms: float = setting(
        default=0.0,
        help="time of each prompt token that is not in the cache, added to ttft_ms",
        unit="ms",
        check=at_least(0),
    )
    cached_usage: bool = setting(
        default=False, help="whether usage tells the cached tokens of each prompt"
    )
    draft_tokens: int = setting(
        default=0,
        help="tokens that a draft proposes at each step of decoding; 0: no speculative decoding",
        unit="tokens",
        check=between(0, 64),
    )
    acceptance: tuple[Acceptance, ...] = setting(
        default=(Acceptance("", (0.7,)),),
        help="chance that a draft's token is accepted if those before it were, by place: 0.8,0.6; "
        "or of one kind of prompt: code=0.9",
    )

    answers: str | None = setting(
        default=None,
        help='what the model knows: JSON lines with "question" and "answer", or the name of an '
        "installed data set, such as gsm8k-demo",
    )
    accuracy: float = setting(
        default=1.0, help="share of the known questions answered correctly", check=between(0, 1)
    )
    vary: bool = setting(default=False, help="whether the request's seed changes the answer too")
    bare: bool = setting(
        default=False, help="answers stand alone, word for word, without working and wording"
    )

    fail: tuple[Failure, ...] = setting(
        default=(), help="KIND:SHARE or KIND:SHARE:sticky, such as 500:0.05"
    )
    retry_after_s: float | None = setting(
        default=None, help="Retry-After of the failures 429 and 503", unit="s", check=above(0)
    )
    slow_headers_ms: float = setting(
        default=1000.0, help="delay of the failure slow-headers", unit="ms", check=at_least(0)
    )

    def __attrs_post_init__(self) -> None:
        """Raises ValueError that lists everything wrong, one line each."""
        problems = []
        for field in attrs.fields(type(self)):
            check = field.metadata["check"]
            if check and (said := check(getattr(self, field.name))):
                problems.append(f"{field.name} {said}, got {getattr(self, field.name)!r}")
        for sticky in (True, False):
            if sum(f.share for f in self.fail if f.sticky is sticky) > 1 + 1e-9:
                problems.append("fail: the shares sum up to more than 1")
        if (self.tls_cert is None) != (self.tls_key is None):
            problems.append("tls_cert and tls_key need each other")
        if problems:
            raise ValueError("\n".join(problems))


AT_START = frozenset({"host", "port", "tls_cert", "tls_key"})
"""The settings that cannot change while the server runs."""
