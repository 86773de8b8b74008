"""``/v1/messages``: https://docs.anthropic.com/en/api/messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.api import AisbenchError, HttpRequest, JsonObject, Request, ServedModel
from aisbench.codec import (
    EventDecoder,
    Names,
    check_listed_adapters,
    count_of,
    get_json,
    openai_models,
    post_json,
    stop_list,
    stop_strings,
)
from aisbench_plugin_anthropic.collector import MessagesCollector
from aisbench_plugin_anthropic.messages import encode_messages, encode_tools, system_text
from aisbench_plugin_anthropic.settings import AnthropicSettings

PROTOCOL = "the Messages API (/v1/messages)"
END = "a message_stop event"

NAMES = Names(
    protocol="the Messages API",
    known=frozenset(
        {
            "adapter_id", "cache_control", "cache_salt", "chat_template_kwargs", "container",
            "context_management", "inference_geo", "kv_transfer_params", "max_tokens",
            "mcp_servers", "metadata", "output_config", "output_format", "service_tier", "speed",
            "temperature", "thinking", "top_k", "top_p", "vllm_xargs",
        }
    ),
    renamed={"max_completion_tokens": "max_tokens"},
    advice={
        "stop_sequences": "it is called stop in suites",
        "max_new_tokens": "this protocol calls it max_tokens",
        "max_output_tokens": "this protocol calls it max_tokens",
        "ignore_eos": "it has no such setting: an answer ends where the model ends it",
        "min_tokens": "it has no such setting",
        "logprobs": "it has no log-probabilities",
        "messages": "the data set's prompt is sent",
        "system": "the data set's prompt is sent",
        "tools": "the data set's tools are sent",
        "tool_choice": "the data set's choice is sent",
        "reasoning_effort": 'write output_config = { effort = "low" }',
    },
)  # fmt: skip


class MessagesBackend:
    """Messages in, text, thinking and calls out. There is no seed in this protocol: repeats of a
    question differ by chance alone."""

    open_ended = False
    """See :class:`aisbench.api.TellingBackend`: a limit is always sent."""

    def __init__(self, settings: AnthropicSettings) -> None:
        self._settings = settings
        self._headers = {"anthropic-version": settings.version}
        if settings.beta:
            self._headers["anthropic-beta"] = ",".join(settings.beta)
        route = "/messages"
        path = settings.path
        self._models_path = (
            path[: -len(route)] + "/models" if path.endswith(route) else "/v1/models"
        )

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return [self._settings.path]

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        found = NAMES.refused(generation)
        if "stop" not in found and not all(
            map(str.strip, stop_list(generation.get("stop")) or ())
        ):
            found["stop"] = "stop strings of blanks alone are refused there: leave them out"
        return found

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        if prompt.messages is None or prompt.continuation is not None:
            raise ValueError("the Messages API needs messages to go on from")
        generation = NAMES.translated(request.generation)
        model = generation.pop("adapter_id", None) or request.model
        body: dict[str, Any] = {"model": model} if model else {}
        body["max_tokens"] = self._settings.max_tokens
        if system := system_text(prompt.messages):
            body["system"] = system
        body["messages"] = encode_messages(prompt.messages)
        body |= encode_tools(prompt)
        body |= generation
        # Of a prompt's own strings the service refuses those of blanks alone; the text is cut at
        # them all the same.
        if stop := [one for one in stop_strings(request) if one.strip()]:
            body["stop_sequences"] = stop
        body["stream"] = request.stream
        made = post_json(self._settings.path, body, stream=request.stream)
        headers = {**made.headers, **self._headers}
        return HttpRequest(method="POST", path=made.path, body=made.body, headers=headers)

    def decoder(self, request: Request) -> EventDecoder:
        cut = tuple(one for one in stop_strings(request) if one)
        return EventDecoder(MessagesCollector(), PROTOCOL, END, cut, last=True)

    def sign(self, request: HttpRequest, url: str) -> Mapping[str, str]:
        """See :class:`aisbench.api.SigningBackend`: the key goes to the wire alone. Raises
        AisbenchError when its variable is not set."""
        key = self._settings.key
        if key is None:
            return {}
        value = key.reveal()
        if not value:
            raise AisbenchError(
                f"key: the environment variable {key.variable} is not set",
                hint=f"export {key.variable}=... before the run",
            )
        return {"x-api-key": value}

    def models_request(self) -> HttpRequest | None:
        made = get_json(self._models_path)
        headers = {**made.headers, **self._headers}
        return HttpRequest(method="GET", path=made.path, headers=headers)

    def parse_models(self, body: bytes) -> Sequence[str]:
        """The ids of the list, which Anthropic and OpenAI write alike."""
        return [one.name for one in self.served_models(body)]

    def served_models(self, body: bytes) -> Sequence[ServedModel]:
        """See :class:`aisbench.api.TellingBackend`: vLLM tells the context too."""
        return [
            ServedModel(
                name=one["id"],
                parent=one["parent"] if isinstance(one.get("parent"), str) else None,
                context=count_of(one, "max_model_len") or None,
            )
            for one in openai_models(body)
        ]

    def check_adapters(self, body: bytes, adapters: Sequence[str]) -> None:
        """See :class:`aisbench.api.AdapterBackend`: vLLM serves them here too, by their names."""
        check_listed_adapters(body, adapters)

    def context_request(self, body: bytes) -> HttpRequest | None:
        """Nothing else says it."""
        return None

    def parse_context(self, body: bytes) -> int | None:
        """See :meth:`context_request`."""
        return None

    def health_requests(self) -> Sequence[HttpRequest]:
        """``/health`` of vLLM and SGLang; see :class:`aisbench.api.WatchedBackend`."""
        return [HttpRequest(method="GET", path="/health")]
