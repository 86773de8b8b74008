"""A request as a message, and messages as what an answer adds up to."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from aisbench.api import JsonObject, JsonValue, Request
from aisbench.codec import plain_text, stop_strings
from aisbench_plugin_triton.generate import vllm_inputs
from aisbench_plugin_triton.messages import messages
from aisbench_plugin_triton.setting_names import names_of
from aisbench_plugin_triton.settings import TritonGrpcSettings
from aisbench_plugin_triton.tensors import datatype_of, raw_values

_CONTENTS = {
    "BOOL": "bool_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}
_FINAL = "triton_final_response"
_EMPTY_FINAL = "triton_enable_empty_final_response"


class GrpcRequests:
    """Makes the messages of one model."""

    def __init__(self, settings: TritonGrpcSettings) -> None:
        self._settings = settings
        self._names = names_of(settings.dialect)
        self._batched = (
            settings.dialect != "vllm" if settings.batched is None else settings.batched
        )

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """See :class:`aisbench.api.TransportBackend`."""
        found = dict(self._names.refused(generation))
        if "logprobs" in generation:
            found["logprobs"] = "they are not read over gRPC: ask with triton-generate"
        return found

    def message(self, request: Request) -> Any:
        """The ``ModelInferRequest``. Raises ValueError for what is no plain text."""
        own = self._settings
        inputs: dict[str, JsonValue] = {own.input: plain_text(request, "Triton")}
        parameters: dict[str, JsonValue] = {}
        sampling = dict(self._names.translated(request.generation))
        stop: list[JsonValue] = list(stop_strings(request))
        seed = request.seed if own.send_seed else None
        if own.dialect == "vllm":
            inputs |= vllm_inputs(sampling, stop, seed, request.stream)
        elif own.dialect == "tensorrtllm":
            inputs |= sampling
            if stop:
                inputs["stop_words"] = stop
            if seed is not None:
                inputs["random_seed"] = seed
            if request.stream:
                inputs["stream"] = True
        else:
            # Lists cannot be request parameters: stop strings are cut off here alone.
            parameters |= sampling
            if seed is not None:
                parameters["seed"] = seed
        if request.stream:
            parameters[_EMPTY_FINAL] = True
        made = messages()["ModelInferRequest"](
            model_name=request.model, model_version=own.version, id=request.key
        )
        for name, value in inputs.items():
            self._add(made, name, value)
        for name, value in parameters.items():
            _set(made.parameters.add(key=name).value, value)
        made.outputs.add(name=own.output)
        if own.dialect == "vllm":
            for name in ("finish_reason", "num_input_tokens", "num_output_tokens"):
                made.outputs.add(name=name)
        return made

    def _add(self, made: Any, name: str, value: JsonValue) -> None:
        data: list[JsonValue] = list(value) if isinstance(value, (list, tuple)) else [value]
        own = self._settings
        text = name == own.input
        datatype = "BYTES" if text else own.datatypes.get(name) or datatype_of(name, data)
        tensor = made.inputs.add(name=name, datatype=datatype)
        tensor.shape.extend([1, len(data)] if self._batched else [len(data)])
        values: list[Any] = list(data)
        if datatype == "BYTES":
            values = [str(one).encode("utf-8", "replace") for one in data]
        elif datatype.startswith("FP"):
            values = [float(one) for one in values]
        getattr(tensor.contents, _CONTENTS[datatype]).extend(values)


def _set(parameter: Any, value: JsonValue) -> None:
    if isinstance(value, bool):
        parameter.bool_param = value
    elif isinstance(value, int):
        parameter.int64_param = value
    elif isinstance(value, float):
        parameter.double_param = value
    else:
        parameter.string_param = str(value)


class GrpcOutputs:
    """Reads the outputs of one answer's messages; a character may span several of them."""

    def __init__(self, output: str) -> None:
        self._output = output
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def event(self, message: Any) -> dict[str, Any]:
        """A ``ModelInferResponse`` as the same answer is over HTTP. Raises ValueError for one
        that is not as the protocol has it."""
        outputs: list[dict[str, Any]] = []
        for place, tensor in enumerate(message.outputs):
            if place < len(message.raw_output_contents):
                values: Any = raw_values(tensor.datatype, message.raw_output_contents[place])
            else:
                field = _CONTENTS.get(tensor.datatype)
                if field is None:
                    raise ValueError(f"an output of the type {tensor.datatype!r}")
                values = list(getattr(tensor.contents, field))
            if tensor.datatype == "BYTES":
                values = [self._text(tensor.name, one) for one in values]
            outputs.append({"name": tensor.name, "data": values})
        return {"model_name": message.model_name, "outputs": outputs}

    def _text(self, name: str, value: bytes) -> str:
        return self._decode(value) if name == self._output else value.decode("utf-8", "replace")


def is_final(message: Any) -> bool:
    """Whether a ``ModelInferResponse`` is the last of its request."""
    return any(one.key == _FINAL and one.value.bool_param for one in message.parameters)
