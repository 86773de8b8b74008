"""What both backends have in common: names of models, and routes to them."""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence

from aisbench.api import HttpRequest, Request
from aisbench.codec import loads, post_json
from aisbench_plugin_triton.settings import TritonSettings


class TritonService:
    """See the KServe v2 protocol,
    https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md,
    and Triton's repository extension,
    https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md.
    """

    def __init__(self, settings: TritonSettings) -> None:
        self._settings = settings

    def models_request(self) -> HttpRequest | None:
        return post_json("/v2/repository/index", {"ready": True})

    def setting_of(self, key: str) -> str | None:
        """See :class:`aisbench.api.SettingBackend`."""
        return "send_seed = false" if key in ("seed", "random_seed") else None

    def health_requests(self) -> Sequence[HttpRequest]:
        """See :class:`aisbench.api.WatchedBackend`."""
        return [HttpRequest(method="GET", path="/v2/health/ready")]

    def parse_models(self, body: bytes) -> Sequence[str]:
        """The names of the models that are ready, each once."""
        models = loads(body)
        if not isinstance(models, list):
            raise ValueError("the answer is not Triton's index of models")
        names: list[str] = []
        for model in models:
            name = model.get("name") if isinstance(model, dict) else None
            if not (isinstance(name, str) and name):
                raise ValueError("the index of models holds one without a name")
            if model.get("state", "READY") == "READY" and name not in names:
                names.append(name)
        return names

    def _path(self, request: Request, verb: str) -> str:
        name = urllib.parse.quote(request.model, safe="")
        version = urllib.parse.quote(self._settings.version, safe="")
        return f"/v2/models/{name}" + (f"/versions/{version}" if version else "") + f"/{verb}"
