"""Text as tensors: https://github.com/kserve/open-inference-protocol/blob/main/specification/
protocol/inference_rest.md."""

from __future__ import annotations

from collections.abc import Mapping

from aisbench.api import HttpRequest, JsonObject, JsonValue, Request
from aisbench.codec import EventDecoder, plain_text, post_json, stop_strings
from aisbench_plugin_triton.collector import TritonCollector
from aisbench_plugin_triton.service import TritonService
from aisbench_plugin_triton.setting_names import names_of
from aisbench_plugin_triton.settings import TritonInferSettings
from aisbench_plugin_triton.tensors import datatype_of

PROTOCOL = "the KServe v2 protocol (/v2/models/NAME/infer)"


class TritonInferBackend(TritonService):
    """``infer``: one answer, whole."""

    def __init__(self, settings: TritonInferSettings) -> None:
        super().__init__(settings)
        self._own = settings
        self._names = names_of("tensorrtllm" if settings.send_as == "inputs" else "")

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return self._names.refused(generation)

    def encode(self, request: Request) -> HttpRequest:
        own = self._own
        sampling = dict(self._names.translated(request.generation))
        seed = request.seed if own.send_seed else None
        inputs: list[JsonValue] = [self._tensor(own.input, plain_text(request, "Triton"), "BYTES")]
        body: dict[str, JsonValue] = {"id": request.key}
        if own.send_as == "inputs":
            if stop := stop_strings(request):
                sampling["stop_words"] = list(stop)
            if seed is not None:
                sampling["random_seed"] = seed
            inputs += [self._tensor(name, value) for name, value in sampling.items()]
        else:
            # Lists cannot be request parameters: stop strings are cut off here alone.
            if seed is not None:
                sampling["seed"] = seed
            body["parameters"] = sampling
        body["inputs"] = inputs
        body["outputs"] = [{"name": own.output}]
        return post_json(self._path(request, "infer"), body)

    def decoder(self, request: Request) -> EventDecoder:
        prompt = (request.prompt.text or "") if self._settings.strip_prompt else ""
        answer = TritonCollector(self._settings.output, prompt)
        return EventDecoder(answer, PROTOCOL, "outputs", tuple(stop_strings(request)))

    def _tensor(self, name: str, value: JsonValue, datatype: str = "") -> JsonValue:
        data: list[JsonValue] = list(value) if isinstance(value, (list, tuple)) else [value]
        if not datatype:
            datatype = self._own.datatypes.get(name) or datatype_of(name, data)
        shape: list[JsonValue] = [1, len(data)] if self._own.batched else [len(data)]
        return {"name": name, "shape": shape, "datatype": datatype, "data": data}
