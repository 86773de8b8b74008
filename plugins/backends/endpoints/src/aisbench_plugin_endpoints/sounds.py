"""What is said in a sound: ``/v1/audio/transcriptions`` and ``/v1/audio/translations``.

OpenAI: https://platform.openai.com/docs/api-reference/audio; vLLM, with its sampling settings and
a stream in the form of chats: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from aisbench.api import HttpRequest, Media, Request
from aisbench.codec import EventDecoder, Names, length_of_sound
from aisbench_plugin_endpoints.multipart import MultipartForm, UploadedFile
from aisbench_plugin_endpoints.service import EndpointService
from aisbench_plugin_endpoints.settings import SoundSettings
from aisbench_plugin_endpoints.transcript import TranscriptCollector

PROTOCOL = "an API of transcripts (/v1/audio/...)"
END = "a finish_reason, a transcript.text.done event or [DONE]"
_ENDINGS: Mapping[str, str] = {
    "audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/flac": "flac",
    "audio/ogg": "ogg", "audio/mp4": "m4a", "video/mp4": "mp4", "video/webm": "webm",
    "audio/webm": "webm",
}  # fmt: skip
"""OpenAI tells a file's format by its name."""


class Transcriptions(EndpointService):
    """A sound in, its words out; whether they are translated is the route's to say."""

    names = Names(
        protocol="the API of transcripts",
        known=frozenset(
            {
                "adapter_id", "chunking_strategy", "frequency_penalty", "hotwords", "include",
                "language", "length_penalty", "max_completion_tokens", "min_p",
                "presence_penalty", "repetition_penalty", "temperature",
                "timestamp_granularities", "to_language", "top_k", "top_p", "use_beam_search",
                "vllm_xargs",
            }
        ),
        renamed={"max_tokens": "max_completion_tokens"},
        advice={
            "stop": "it has no stop strings",
            "prompt": "set prompt.hint of the data set",
            "response_format": "set `answer` of the model's table",
            "file": "the data set's sound is sent",
        },
    )  # fmt: skip

    def __init__(self, settings: SoundSettings) -> None:
        super().__init__(settings.path)
        self._settings = settings

    def setting_of(self, key: str) -> str | None:
        """See :class:`aisbench.api.SettingBackend`."""
        return {
            "seed": "send_seed = false",
            "stream_include_usage": "stream_usage = false",
        }.get(key)

    def encode(self, request: Request) -> HttpRequest:
        sound = _sound(request)
        if not sound.content:
            raise ValueError("a sound is uploaded: name a file, not a url")
        file = UploadedFile(
            "file",
            f"sound.{_ENDINGS.get(sound.mime, 'wav')}",
            sound.mime or "application/octet-stream",
            b64decode(sound.content),
        )
        length_of_sound(sound)  # while the content is here: the decoder has none
        form = MultipartForm.of(self._fields(request), file)
        accept = "text/event-stream, application/json" if request.stream else "application/json"
        return HttpRequest(
            method="POST",
            path=self._path,
            body=form.body,
            headers={"Content-Type": form.content_type, "Accept": accept},
        )

    def _fields(self, request: Request) -> Iterator[tuple[str, str]]:
        yield from self._model(request).items()
        if hint := request.prompt.words.strip("\n"):
            yield "prompt", hint
        yield "response_format", "json" if request.stream else self._settings.answer
        for name, value in self._settings_of(request).items():
            if isinstance(value, (list, tuple)):
                yield from ((f"{name}[]", _text(one)) for one in value)
            else:
                yield name, _text(value)
        if request.seed is not None and self._settings.send_seed:
            yield "seed", str(request.seed)
        if request.stream:
            yield "stream", "true"
            if self._settings.stream_usage:
                yield "stream_include_usage", "true"

    def decoder(self, request: Request) -> EventDecoder:
        return EventDecoder(TranscriptCollector(length_of_sound(_sound(request))), PROTOCOL, END)


def _sound(request: Request) -> Media:
    """Raises ValueError for a prompt without exactly one sound."""
    media = request.prompt.media
    if len(media) != 1 or media[0].kind != "audio":
        raise ValueError("the endpoint needs one sound (the template transcribe)")
    return media[0]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, default=dict, ensure_ascii=False)
