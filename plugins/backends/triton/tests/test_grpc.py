"""Messages of gRPC: how a request becomes one, and what is read of answers. A real server is asked
in the repository's end-to-end tests."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import FaultKind, Prompt, Request

pytest.importorskip("google.protobuf", reason='needs "aisbench-plugin-triton[grpc]"')
pytest.importorskip("grpc", reason='needs "aisbench-plugin-triton[grpc]"')

from aisbench_plugin_triton.grpc_faults import error_of
from aisbench_plugin_triton.grpc_requests import GrpcOutputs, GrpcRequests, is_final
from aisbench_plugin_triton.messages import messages
from aisbench_plugin_triton.settings import TritonGrpcSettings
from aisbench_plugin_triton.tensors import raw_values


def made(settings: TritonGrpcSettings, stream: bool = True, **generation: Any) -> Any:
    request = Request(
        key="key", sample_id="1", repeat=0, turn=0, model="llm", seed=7, stream=stream,
        prompt=Prompt(text="Q: 1+1?", stop=("Q:",)), generation=generation,
    )  # fmt: skip
    message = GrpcRequests(settings).message(request)
    # What the server reads is what was written.
    return messages()["ModelInferRequest"].FromString(message.SerializeToString())


def tensors(message: Any) -> dict[str, tuple[str, list[int], list[Any]]]:
    return {
        one.name: (
            one.datatype,
            list(one.shape),
            [value for _, values in one.contents.ListFields() for value in values],
        )
        for one in message.inputs
    }


def parameters(message: Any) -> dict[str, Any]:
    return {one.key: one.value.ListFields()[0][1] for one in message.parameters}


def test_inputs_of_tensorrt_llm() -> None:
    message = made(
        TritonGrpcSettings(version="3"), max_tokens=9, temperature=0.5, top_k=4, stop=["\n\n"]
    )
    assert (message.model_name, message.model_version, message.id) == ("llm", "3", "key")
    assert tensors(message) == {
        "text_input": ("BYTES", [1, 1], [b"Q: 1+1?"]),
        "max_tokens": ("INT32", [1, 1], [9]),
        "temperature": ("FP32", [1, 1], [0.5]),
        "top_k": ("INT32", [1, 1], [4]),
        "stop_words": ("BYTES", [1, 2], [b"\n\n", b"Q:"]),
        "random_seed": ("UINT64", [1, 1], [7]),
        "stream": ("BOOL", [1, 1], [True]),
    }
    assert parameters(message) == {"triton_enable_empty_final_response": True}
    assert "stream" not in tensors(made(TritonGrpcSettings(), stream=False))


def test_inputs_of_vllm_and_parameters() -> None:
    message = made(TritonGrpcSettings(dialect="vllm"), max_tokens=9)
    found = tensors(message)
    assert found["text_input"] == ("BYTES", [1], [b"Q: 1+1?"])
    assert b'"max_tokens":9' in found["sampling_parameters"][2][0]
    assert found["return_num_output_tokens"] == ("BOOL", [1], [True])
    assert "num_output_tokens" in [one.name for one in message.outputs]
    message = made(TritonGrpcSettings(dialect="parameters", batched=False), max_tokens=9, x="y")
    assert list(tensors(message)) == ["text_input"]
    assert parameters(message) == {
        "max_tokens": 9, "x": "y", "seed": 7, "triton_enable_empty_final_response": True,
    }  # fmt: skip


def test_what_would_not_be_read_is_refused() -> None:
    for dialect in ("tensorrtllm", "vllm", "parameters"):
        refused = GrpcRequests(TritonGrpcSettings(dialect=dialect)).refused
        assert "logprobs" in refused({"logprobs": 3})
        assert not refused({"max_tokens": 3})


def answer(*texts: bytes, final: bool = False) -> Any:
    message = messages()["ModelInferResponse"](model_name="llm")
    for text in texts:
        message.outputs.add(name="text_output", datatype="BYTES", shape=[1])
        message.raw_output_contents.append(len(text).to_bytes(4, "little") + text)
    if final:
        message.parameters.add(key="triton_final_response").value.bool_param = True
    return message


def test_answers_and_characters_that_span_them() -> None:
    outputs = GrpcOutputs("text_output")
    data = "中".encode()
    found = [outputs.event(answer(piece))["outputs"][0]["data"] for piece in (data[:2], data[2:])]
    assert found == [[""], ["中"]]
    assert is_final(answer(final=True))
    assert not is_final(answer(b"x"))


@pytest.mark.parametrize(
    ("datatype", "raw", "values"),
    [
        ("UINT32", b"\x07\0\0\0", [7]),
        ("FP32", b"\0\0\0\x3f", [0.5]),
        ("BOOL", b"\x01\0", [True, False]),
        ("BYTES", b"\x01\0\0\0a\0\0\0\0", [b"a", b""]),
    ],
)
def test_raw_tensors(datatype: str, raw: bytes, values: list[Any]) -> None:
    assert raw_values(datatype, raw) == values
    with pytest.raises(ValueError, match=r"ends inside|torn"):
        raw_values("BYTES" if datatype == "BOOL" else datatype, raw[:-1])


def test_statuses() -> None:
    class Rpc:
        def __init__(self, name: str) -> None:
            self.name = name

        def code(self) -> Any:
            return self

        def details(self) -> str:
            return "why"

    assert error_of(Rpc("UNAVAILABLE")).kind is FaultKind.CUT
    assert error_of(Rpc("UNAVAILABLE"), connecting=True).kind is FaultKind.CONNECT
    full = error_of(Rpc("RESOURCE_EXHAUSTED"))
    assert (full.kind, full.status, full.message) == (
        FaultKind.HTTP, 429, "RESOURCE_EXHAUSTED: why",
    )  # fmt: skip
