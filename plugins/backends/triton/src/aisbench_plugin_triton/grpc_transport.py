"""The KServe v2 protocol over gRPC, by a transport of its own.

Streams are Triton's ``ModelStreamInfer``, one for each request; whole answers are ``ModelInfer``.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.api import (
    AisbenchError,
    FaultKind,
    JsonObject,
    Request,
    Response,
    ServedModel,
    Tape,
    TransportAddress,
    TransportError,
)
from aisbench.codec import cut_fault, stop_strings
from aisbench_plugin_triton.collector import TritonCollector
from aisbench_plugin_triton.grpc_faults import error_of
from aisbench_plugin_triton.grpc_requests import GrpcOutputs, GrpcRequests, is_final
from aisbench_plugin_triton.messages import SERVICE, messages
from aisbench_plugin_triton.settings import TritonGrpcSettings

_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_send_message_length", -1),
    # Otherwise all channels to one address share one connection.
    ("grpc.use_local_subchannel_pool", 1),
)


class TritonGrpc:
    """See :class:`aisbench.api.TransportBackend`. Each connection is a channel of its own."""

    def __init__(self, settings: TritonGrpcSettings) -> None:
        try:
            import google.protobuf  # noqa: F401
            import grpc  # noqa: F401
        except ImportError as error:
            raise AisbenchError(
                f"triton-grpc needs the module {error.name!r}, which is not installed",
                hint='pip install "aisbench-plugin-triton[grpc]"',
            ) from error
        self._settings = settings
        self._requests = GrpcRequests(settings)

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return self._requests.refused(generation)

    async def connect(self, address: TransportAddress) -> TritonGrpcConnection:
        import grpc.aio

        parts = urllib.parse.urlsplit(address.url)
        if parts.path not in ("", "/") or parts.query:
            raise TransportError(
                FaultKind.CONNECT, "a url of gRPC has no path: write grpc://HOST:PORT"
            )
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        largest = -1 if address.largest is None else min(address.largest, 2**31 - 1)
        options = (*_OPTIONS, ("grpc.max_receive_message_length", largest))
        target = f"{host}:{parts.port or (443 if address.ssl else 8001)}"
        if address.ssl is None:
            channel = grpc.aio.insecure_channel(target, options=options)
        else:
            channel = grpc.aio.secure_channel(target, _credentials(address), options=options)
        headers = [(name.lower(), value) for name, value in address.headers.items()]
        connection = TritonGrpcConnection(channel, headers, self._requests, self._settings)
        try:
            # It connects only when something is asked; every server answers this.
            await connection.ask("ServerLive")
        except grpc.aio.AioRpcError as error:
            await connection.close()
            raise error_of(error, connecting=True) from error
        except BaseException:
            await connection.close()
            raise
        return connection

    async def served_models(self, connection: TritonGrpcConnection) -> Sequence[ServedModel]:
        """See :class:`aisbench.api.ListingTransport`: Triton's index of models."""
        import grpc.aio

        try:
            found = await connection.ask("RepositoryIndex", ready=True)
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error
        names = dict.fromkeys(one.name for one in found.models if one.state in ("", "READY"))
        return [ServedModel(name=name) for name in names]

    async def trouble(self, connection: TritonGrpcConnection) -> str:
        """See :class:`aisbench.api.WatchedTransport`."""
        import grpc.aio

        try:
            found = await connection.ask("ServerReady")
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error
        return "" if found.ready else "the server says that it is not ready"

    def shown(self, request: Request) -> str:
        """See :class:`aisbench.api.ShownTransport`."""
        call = "ModelStreamInfer" if request.stream else "ModelInfer"
        return f"{SERVICE}{call}\n{self._requests.message(request)}"


class TritonGrpcConnection:
    """See :class:`aisbench.api.TransportConnection`."""

    def __init__(
        self,
        channel: Any,
        headers: Sequence[tuple[str, str]],
        requests: GrpcRequests,
        settings: TritonGrpcSettings,
    ) -> None:
        self._channel = channel
        self._headers = headers
        self._requests = requests
        self._settings = settings
        serialize = messages()["ModelInferRequest"].SerializeToString
        # Answers come as bytes, so that they are stamped before they are parsed.
        self._infer = channel.unary_unary(f"{SERVICE}ModelInfer", serialize, None)
        self._stream = channel.stream_stream(f"{SERVICE}ModelStreamInfer", serialize, None)

    @property
    def usable(self) -> bool:
        import grpc

        return bool(self._channel.get_state() is grpc.ChannelConnectivity.READY)

    async def ask(self, call: str, **fields: Any) -> Any:
        """A question about the server, and its answer. Raises AioRpcError."""
        made = messages()[f"{call}Request"](**fields)
        asked = self._channel.unary_unary(
            f"{SERVICE}{call}",
            messages()[f"{call}Request"].SerializeToString,
            messages()[f"{call}Response"].FromString,
        )
        return await asked(made, metadata=self._headers)

    async def send(self, request: Request, tape: Tape) -> Response:
        import grpc.aio

        message = self._requests.message(request)
        prompt = (request.prompt.text or "") if self._settings.strip_prompt else ""
        answer = TritonCollector(self._settings.output, prompt)
        keep = request.generation.get("include_stop_str_in_output")
        cut = () if keep else tuple(stop_strings(request))
        exchange = _GrpcExchange(tape, answer, GrpcOutputs(self._settings.output))
        try:
            if request.stream:
                ended = await self._send_stream(message, exchange)
            else:
                tape.sent()
                data = await self._infer(message, metadata=self._headers)
                ended = exchange.read(data, messages()["ModelInferResponse"], counted=False)
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error
        if answer.begun or answer.fault or ended:
            return answer.response(cut, None)
        return answer.response(cut, cut_fault("the stream ended without an answer"))

    async def _send_stream(self, message: Any, exchange: _GrpcExchange) -> bool:
        """Whether the end of the answer was marked."""
        import grpc.aio

        call = self._stream(metadata=self._headers)
        exchange.tape.sent()
        await call.write(message)
        await call.done_writing()
        ended = False
        kind = messages()["ModelStreamInferResponse"]
        while (data := await call.read()) is not grpc.aio.EOF:
            ended = exchange.read(data, kind, counted=True) or ended
        return ended

    async def close(self) -> None:
        await self._channel.close()


class _GrpcExchange:
    """What is read of one answer."""

    def __init__(self, tape: Tape, answer: TritonCollector, outputs: GrpcOutputs) -> None:
        self.tape = tape
        self._answer = answer
        self._outputs = outputs

    def read(self, data: bytes, kind: Any, *, counted: bool) -> bool:
        """Take one message; whether it is the last one. ``counted``: it shows when its tokens
        came. Raises TransportError for what is not of the protocol."""
        from google.protobuf.message import DecodeError

        at = self.tape.now()
        try:
            message = kind.FromString(data)
            if kind is messages()["ModelStreamInferResponse"]:
                if message.error_message:
                    self.tape.read(size=len(data), at=at)
                    self._answer.fail(message.error_message, message.error_message)
                    return True
                message = message.infer_response
            final = is_final(message)
            if final and not message.outputs:
                self.tape.read(size=len(data), at=at)
                return True
            event = self._outputs.event(message)
        except (DecodeError, ValueError) as error:
            raise TransportError(
                FaultKind.PROTOCOL, f"not an answer of the KServe v2 protocol: {error}"
            ) from error
        tokens = self._answer.take(event)
        if self._answer.alien:
            raise TransportError(
                FaultKind.PROTOCOL,
                f"the answer lacks the suite's output, and has "
                f"{', '.join(one['name'] for one in event['outputs']) or 'none'}",
            )
        text = self._answer.latest if tokens else ""
        self.tape.read(tokens if counted else 0, text, size=len(data), at=at)
        return final


def _credentials(address: TransportAddress) -> Any:
    import grpc

    if not address.verify:
        raise TransportError(
            FaultKind.TLS, "gRPC verifies every certificate: give tls.ca instead of tls.verify"
        )
    authorities = None if address.ca is None else address.ca.read_bytes()
    return grpc.ssl_channel_credentials(root_certificates=authorities)
