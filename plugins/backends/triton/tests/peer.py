"""As much of a Triton server's gRPC as answers one model, which always says the same."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aisbench_plugin_triton.messages import SERVICE, messages

PIECES = ("It ", "is ", "2.")


@contextlib.asynccontextmanager
async def serve() -> AsyncIterator[str]:
    """Its url, on a free port."""
    import grpc.aio

    made = messages()

    async def live(request: Any, context: Any) -> Any:
        return made["ServerLiveResponse"](live=True)

    async def infer(request: Any, context: Any) -> Any:
        return _answer("".join(PIECES))

    async def stream(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        async for _ in requests:
            for piece in PIECES:
                yield made["ModelStreamInferResponse"](infer_response=_answer(piece))
            last = made["ModelInferResponse"](model_name="tiny-model")
            last.parameters.add(key="triton_final_response").value.bool_param = True
            yield made["ModelStreamInferResponse"](infer_response=last)

    def written(kind: str, handler: Any, call: Any) -> Any:
        asked, answered = ("ModelInferRequest", "ModelInferResponse")
        if kind == "ServerLive":
            asked, answered = ("ServerLiveRequest", "ServerLiveResponse")
        elif kind == "ModelStreamInfer":
            answered = "ModelStreamInferResponse"
        return handler(call, made[asked].FromString, made[answered].SerializeToString)

    methods = {
        "ServerLive": written("ServerLive", grpc.unary_unary_rpc_method_handler, live),
        "ModelInfer": written("ModelInfer", grpc.unary_unary_rpc_method_handler, infer),
        "ModelStreamInfer": written(
            "ModelStreamInfer", grpc.stream_stream_rpc_method_handler, stream
        ),
    }
    server = grpc.aio.server()
    service = SERVICE.strip("/")
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"grpc://127.0.0.1:{port}"
    finally:
        await server.stop(0)


def _answer(text: str) -> Any:
    message = messages()["ModelInferResponse"](model_name="tiny-model")
    message.outputs.add(name="text_output", datatype="BYTES", shape=[1])
    data = text.encode()
    message.raw_output_contents.append(len(data).to_bytes(4, "little") + data)
    return message
