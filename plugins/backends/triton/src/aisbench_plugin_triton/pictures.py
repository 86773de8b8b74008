"""Pictures beside a text, to Triton's vLLM backend: its optional input ``image`` is a list of
contents in base64 (github.com/triton-inference-server/vllm_backend, ``src/model.py``)."""

from __future__ import annotations

import attrs

from aisbench.api import HttpRequest, Prompt, Request
from aisbench.codec import loads, parts_in_a_row, post_json
from aisbench_plugin_triton.generate import TritonGenerateBackend
from aisbench_plugin_triton.settings import TritonPictureSettings


class TritonPictureBackend(TritonGenerateBackend):
    """A user's turn. No chat template is applied, so that the text holds the model's own marks of
    pictures, such as ``<image>``, where they stand."""

    def __init__(self, settings: TritonPictureSettings) -> None:
        super().__init__(settings)
        self._images = settings.images

    def encode(self, request: Request) -> HttpRequest:
        text, images = "", []
        for part in parts_in_a_row(request, "Triton"):
            media = part.media
            if media is None:
                text += part.text
            elif media.kind == "image" and not media.is_address:
                images.append(media.content)
            else:
                raise ValueError(
                    "Triton's vLLM backend takes the contents of pictures: no addresses, no "
                    "sounds and no films"
                )
        prompt = Prompt(text=text, stop=request.prompt.stop, generation=request.prompt.generation)
        wire = super().encode(attrs.evolve(request, prompt=prompt))
        if not images:
            return wire
        body = {**loads(wire.body), self._images: images}
        return post_json(wire.path, body, stream=request.stream)
