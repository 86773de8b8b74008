"""The messages of the gRPC form of the KServe v2 protocol that are used here, by name and number:
https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/
open_inference_grpc.proto, with Triton's stream and index of models:
https://github.com/triton-inference-server/common/blob/main/protobuf/grpc_service.proto.

They are built from this table, in a pool of their own, so that no code need be generated, and
nothing collides with another package that has them too (tritonclient).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

SERVICE = "/inference.GRPCInferenceService/"

_MESSAGES: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "ServerReadyRequest": {},
    "ServerReadyResponse": {"ready": (1, "bool")},
    "ServerLiveRequest": {},
    "ServerLiveResponse": {"live": (1, "bool")},
    "RepositoryIndexRequest": {"repository_name": (1, "string"), "ready": (2, "bool")},
    "ModelIndex": {
        "name": (1, "string"),
        "version": (2, "string"),
        "state": (3, "string"),
        "reason": (4, "string"),
    },
    "RepositoryIndexResponse": {"models": (1, "repeated ModelIndex")},
    # One of these is set.
    "InferParameter": {
        "bool_param": (1, "bool"),
        "int64_param": (2, "int64"),
        "string_param": (3, "string"),
        "double_param": (4, "double"),
    },
    # A map on the wire is a list of such pairs.
    "Parameter": {"key": (1, "string"), "value": (2, "InferParameter")},
    "InferTensorContents": {
        "bool_contents": (1, "repeated bool"),
        "int_contents": (2, "repeated int32"),
        "int64_contents": (3, "repeated int64"),
        "uint_contents": (4, "repeated uint32"),
        "uint64_contents": (5, "repeated uint64"),
        "fp32_contents": (6, "repeated float"),
        "fp64_contents": (7, "repeated double"),
        "bytes_contents": (8, "repeated bytes"),
    },
    "InferTensor": {
        "name": (1, "string"),
        "datatype": (2, "string"),
        "shape": (3, "repeated int64"),
        "parameters": (4, "repeated Parameter"),
        "contents": (5, "InferTensorContents"),
    },
    "RequestedOutput": {"name": (1, "string")},
    "ModelInferRequest": {
        "model_name": (1, "string"),
        "model_version": (2, "string"),
        "id": (3, "string"),
        "parameters": (4, "repeated Parameter"),
        "inputs": (5, "repeated InferTensor"),
        "outputs": (6, "repeated RequestedOutput"),
    },
    "ModelInferResponse": {
        "model_name": (1, "string"),
        "model_version": (2, "string"),
        "id": (3, "string"),
        "parameters": (4, "repeated Parameter"),
        "outputs": (5, "repeated InferTensor"),
        "raw_output_contents": (6, "repeated bytes"),
    },
    "ModelStreamInferResponse": {
        "error_message": (1, "string"),
        "infer_response": (2, "ModelInferResponse"),
    },
}

_ONE_OF = {"InferParameter": "parameter_choice"}


@functools.cache
def messages() -> Mapping[str, Any]:
    """The classes of all messages, by name."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kind = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="aisbench_kserve_v2.proto", package="inference", syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if name in _ONE_OF:
            message.oneof_decl.add(name=_ONE_OF[name])
        for field, (number, written) in fields.items():
            repeated, _, what = written.rpartition(" ")
            made = message.field.add(
                name=field,
                number=number,
                label=kind.LABEL_REPEATED if repeated else kind.LABEL_OPTIONAL,
            )
            if what in _MESSAGES:
                made.type = kind.TYPE_MESSAGE
                made.type_name = f".inference.{what}"
            else:
                made.type = kind.Type.Value(f"TYPE_{what.upper()}")
            if name in _ONE_OF:
                made.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"inference.{name}"))
        for name in _MESSAGES
    }
