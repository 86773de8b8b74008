"""Transcripts of sounds: the known one of a sound whose SHA-256 stands as a question in the
answers, else words drawn by the sound, as many as are said in its length."""

from __future__ import annotations

import hashlib
import io
import wave
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import orjson
from attrs import frozen

from aisbench_plugin_simulator.chance import bits
from aisbench_plugin_simulator.checking import missing
from aisbench_plugin_simulator.correctness import is_right
from aisbench_plugin_simulator.dialect import STREAM, sse
from aisbench_plugin_simulator.endpoint_reply import EndpointReply, model_of
from aisbench_plugin_simulator.filler import filler
from aisbench_plugin_simulator.refusal import Refusal, error_body
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import Simulator
from aisbench_plugin_simulator.tokens import split_tokens

WORDS_A_SECOND = 2.5
"""Of somebody who speaks."""
_SOUNDS = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"fLaC", b"OggS", b"\x1aE\xdf\xa3")
"""How MP3, FLAC, Ogg and WebM begin."""
FRAMES = 50
"""Prompt tokens a second, as Whisper's encoder makes them."""


@frozen
class _Form:
    fields: dict[str, str]
    sound: bytes


def answer(body: bytes, simulator: Simulator) -> EndpointReply:
    """Raises Refusal."""
    settings = simulator.settings
    form = _read(body)
    model = model_of(dict(form.fields), settings)
    form_of_answer = form.fields.get("response_format", "json")
    if form_of_answer not in ("json", "text", "verbose_json"):
        raise Refusal(400, f"Currently do not support response_format {form_of_answer!r}")
    seconds = _seconds(form.sound)
    text, verdict = _said(form.sound, seconds, simulator)
    tokens = split_tokens(text)
    prompt = round(seconds * FRAMES)
    if form.fields.get("stream", "").lower() == "true":
        if form_of_answer != "json":
            raise Refusal(400, f"stream only support json format, not {form_of_answer}")
        reply = SimulatedReply(content=tokens, tokens=len(tokens), verdict=verdict)
        counts = form.fields.get("stream_include_usage", "").lower() == "true"
        return EndpointReply(
            prompt_tokens=prompt,
            steps=len(tokens),
            verdict=verdict,
            writer=TranscriptWriter(model, prompt if counts else None, settings),
            reply=reply,
        )
    return EndpointReply(
        body=_whole(form_of_answer, text, seconds),
        content_type="text/plain" if form_of_answer == "text" else "application/json",
        prompt_tokens=prompt,
        steps=len(tokens),
        tokens=len(tokens),
        verdict=verdict,
    )


def _whole(form: str, text: str, seconds: float) -> bytes:
    if form == "text":
        return f"{text}\n".encode()
    if form == "json":
        usage = {"type": "duration", "seconds": max(1, -int(-seconds // 1))}
        return orjson.dumps({"text": text, "usage": usage})
    segment = {
        "id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": text, "tokens": [],
        "temperature": 0.0, "avg_logprob": -0.2, "compression_ratio": 1.2, "no_speech_prob": 0.01,
    }  # fmt: skip
    return orjson.dumps(
        {"task": "transcribe", "language": "en", "duration": seconds, "text": text,
         "segments": [segment]}
    )  # fmt: skip


def _read(body: bytes) -> _Form:
    """The parts of a multipart body, whose border stands in its first line. Raises Refusal."""
    fields: dict[str, str] = {}
    border = body.split(b"\r\n", 1)[0]
    if not border.startswith(b"--") or len(border) < 3:
        raise missing(fields, "file")
    head = b"Content-Type: multipart/form-data; boundary=" + border[2:] + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    sound = b""
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload: Any = part.get_payload(decode=True) or b""
        if name == "file":
            sound = payload
        else:
            fields[str(name)] = payload.decode("utf-8", "replace")
    if not sound:
        raise missing(fields, "file")
    return _Form(fields, sound)


def _seconds(sound: bytes) -> float:
    """Of a WAV file by its head; of others by their size, as MP3 of 128 kbit/s has it. Raises
    Refusal for what is no sound."""
    if sound[:4] == b"RIFF":
        try:
            with wave.open(io.BytesIO(sound)) as opened:
                return float(opened.getnframes() / opened.getframerate())
        except (wave.Error, EOFError, ZeroDivisionError):
            raise _no_sound() from None
    if not (sound.startswith(_SOUNDS) or sound[4:8] == b"ftyp"):
        raise _no_sound()
    return len(sound) / 16_000


def _no_sound() -> Refusal:
    return Refusal(400, "Invalid or unsupported audio file.")


def _said(sound: bytes, seconds: float, simulator: Simulator) -> tuple[str, str]:
    settings = simulator.settings
    digest = hashlib.sha256(sound).hexdigest()
    known = simulator.book.find(digest) if simulator.book is not None else None
    if known is None:
        words = filler(
            max(1, round(seconds * WORDS_A_SECOND)), bits(settings.seed, "said", digest)
        )
        return "".join(words).strip(), "unknown"
    if is_right(settings.seed, digest, settings.accuracy, None):
        return known.answer, "right"
    words = known.answer.split()
    place = bits(settings.seed, "misheard", digest) % len(words)
    words[place] = "mumble"
    return " ".join(words), "wrong"


class TranscriptWriter:
    """vLLM's events, in the form of chats."""

    content_type = STREAM

    def __init__(self, model: str, prompt: int | None, settings: SimulatorSettings) -> None:
        self._model = model
        self._prompt = prompt
        """Prompt tokens, where the usage is to be told."""
        self._settings = settings

    def opening(self, answer: SimulatedReply) -> bytes:
        return b""

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        return self._event({"delta": {"content": text}, "finish_reason": None})

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        said = {"content": text} if text else {}
        return self._event({"delta": said, "finish_reason": answer.finish, "stop_reason": None})

    def closing(self, answer: SimulatedReply) -> bytes:
        done = b"data: [DONE]\n\n"
        if self._prompt is None:
            return done
        usage = {
            "prompt_tokens": self._prompt,
            "completion_tokens": answer.tokens,
            "total_tokens": self._prompt + answer.tokens,
        }
        return self._event(None, usage) + done

    def failing(self, refusal: Refusal) -> bytes:
        return b"data: " + error_body(refusal, self._settings) + b"\n\n"

    def whole(self, answer: SimulatedReply) -> bytes:
        return _whole("json", "".join(answer.content), 1.0)

    def _event(self, choice: dict[str, Any] | None, usage: dict[str, int] | None = None) -> bytes:
        event: dict[str, Any] = {
            "id": "trsc-1", "object": "transcription.chunk", "model": self._model,
            "choices": [] if choice is None else [choice],
        }  # fmt: skip
        if usage is not None:
            event["usage"] = usage
        return sse(event)
