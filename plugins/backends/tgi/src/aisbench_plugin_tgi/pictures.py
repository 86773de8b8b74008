"""Pictures in the text, as Markdown: https://huggingface.co/docs/text-generation-inference/
basic_tutorials/visual_language_models."""

from __future__ import annotations

import attrs

from aisbench.api import HttpRequest, Prompt, Request
from aisbench.codec import parts_in_a_row
from aisbench_plugin_tgi.backend import TgiBackend


class TgiPictureBackend(TgiBackend):
    """A user's turn, its pictures where they stand in it. No chat template is applied: what the
    model wants around the turn is part of its text."""

    def encode(self, request: Request) -> HttpRequest:
        text = ""
        for part in parts_in_a_row(request, "/generate"):
            media = part.media
            if media is None:
                text += part.text
            elif media.kind == "image":
                text += f"![]({media.address})"
            else:
                raise ValueError(f"Text Generation Inference takes pictures, no {media.kind}")
        prompt = Prompt(text=text, stop=request.prompt.stop, generation=request.prompt.generation)
        return super().encode(attrs.evolve(request, prompt=prompt))
