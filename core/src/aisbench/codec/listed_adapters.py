"""LoRA adapters in OpenAI's list of models, as vLLM and SGLang write them: with their base as
``parent``."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from aisbench.base.errors import AisbenchError
from aisbench.codec.model_lists import openai_models


def check_listed_adapters(body: bytes, adapters: Sequence[str]) -> None:
    """Raises AisbenchError for an adapter that the list does not have; see
    :class:`aisbench.api.AdapterBackend`."""
    models = openai_models(body)
    names = [str(one.get("id")) for one in models]
    for adapter in adapters:
        if adapter in names:
            continue
        listed = [str(one.get("id")) for one in models if one.get("parent")]
        near = difflib.get_close_matches(adapter, names, 1)
        raise AisbenchError(
            f"does not serve the adapter {adapter!r}; "
            + (f"it has {', '.join(listed[:20])}" if listed else "it lists no adapters"),
            hint=(f"did you mean {near[0]!r}? " if near else "")
            + "vLLM: --enable-lora --lora-modules NAME=PATH; adapters.unlisted = true for servers "
            "that load adapters when they are asked for",
        )
