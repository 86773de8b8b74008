"""The generate extension: https://github.com/triton-inference-server/server/blob/main/docs/
protocol/extension_generate.md."""

from __future__ import annotations

from collections.abc import Mapping

from aisbench.api import HttpRequest, JsonObject, JsonValue, Request
from aisbench.codec import (
    EventDecoder,
    asked_logprobs,
    dumps,
    plain_text,
    post_json,
    refused_logprobs,
    stop_strings,
)
from aisbench_plugin_triton.collector import TritonCollector
from aisbench_plugin_triton.service import TritonService
from aisbench_plugin_triton.setting_names import names_of
from aisbench_plugin_triton.settings import TritonGenerateSettings

PROTOCOL = "Triton's generate extension (/v2/models/NAME/generate)"


class TritonGenerateBackend(TritonService):
    """``generate`` and ``generate_stream``.

    A stream has no mark of its end: that it was cut shows in HTTP's framing alone, which the
    engine watches.
    """

    def __init__(self, settings: TritonGenerateSettings) -> None:
        super().__init__(settings)
        self._dialect = settings.dialect
        self._names = names_of(settings.dialect)

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {**refused_logprobs(generation), **self._names.refused(generation)}

    def encode(self, request: Request) -> HttpRequest:
        text = plain_text(request, "Triton")
        sampling = dict(self._names.translated(request.generation))
        stop: list[JsonValue] = list(stop_strings(request))
        seed = request.seed if self._settings.send_seed else None
        body: dict[str, JsonValue] = {"id": request.key, self._settings.input: text}
        if self._dialect == "vllm":
            body |= vllm_inputs(sampling, stop, seed, request.stream)
        elif self._dialect == "tensorrtllm":
            body |= sampling
            if stop:
                body["stop_words"] = stop
            if seed is not None:
                body["random_seed"] = seed
            body["stream"] = request.stream
        else:
            # Lists cannot be request parameters: stop strings are cut off here alone.
            if seed is not None:
                sampling["seed"] = seed
            body["parameters"] = {**sampling, "stream": request.stream}
        verb = "generate_stream" if request.stream else "generate"
        return post_json(self._path(request, verb), body, stream=request.stream)

    def decoder(self, request: Request) -> EventDecoder:
        keep = request.generation.get("include_stop_str_in_output")
        prompt = (request.prompt.text or "") if self._settings.strip_prompt else ""
        return EventDecoder(
            TritonCollector(self._settings.output, prompt, asked_logprobs(request.generation)),
            PROTOCOL,
            "an event with text",
            () if keep else tuple(stop_strings(request)),
            open_ended=True,
        )


def vllm_inputs(
    sampling: dict[str, JsonValue], stop: list[JsonValue], seed: int | None, stream: bool
) -> dict[str, JsonValue]:
    """The inputs of vLLM's backend: https://github.com/triton-inference-server/vllm_backend."""
    body: dict[str, JsonValue] = {}
    if (adapter := sampling.pop("adapter_id", None)) is not None:
        sampling["lora_name"] = adapter
    if stop:
        sampling["stop"] = stop
    if seed is not None:
        sampling["seed"] = seed
    if asked_logprobs(sampling) is not None:
        body["return_logprobs"] = True
    body["sampling_parameters"] = dumps(sampling).decode()
    body["stream"] = stream
    body["exclude_input_in_output"] = True
    for name in ("finish_reason", "num_input_tokens", "num_output_tokens"):
        body[f"return_{name}"] = True
    return body
