"""Pictures, sounds and films in messages: looked at and counted, or refused where broken."""

from __future__ import annotations

import base64
import http.server
import io
import struct
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aisbench_plugin_simulator.media_checking import MediaCheck, MediaChecker
from aisbench_plugin_simulator.media_seen import MediaError, MediaSeen
from aisbench_plugin_simulator.media_structure import by_structure

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def picture(form: str = "PNG", size: tuple[int, int] = (56, 84)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, form)
    return out.getvalue()


def sound(seconds: float = 0.5, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\1\0" * int(seconds * rate))
    return out.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def film_by_hand() -> bytes:
    """An MP4 of 3 s and 64 x 48 pixels, whose boxes are right and whose frames are none."""
    header = struct.pack(">IIIII", 0, 0, 0, 1000, 3000) + bytes(76)
    track = bytes(76) + struct.pack(">II", 64 << 16, 48 << 16)
    moov = box(b"moov", box(b"mvhd", header) + box(b"trak", box(b"tkhd", track)))
    return box(b"ftyp", b"isom" + bytes(4)) + moov + box(b"mdat", b"frames")


def film(frames: int = 6, rate: int = 2) -> bytes:
    av = pytest.importorskip("av", reason="PyAV is not installed")
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height = 112, 56
        for _ in range(frames):
            made = Image.effect_noise((112, 56), 40).convert("RGB")
            container.mux(stream.encode(av.VideoFrame.from_image(made)))
        container.mux(stream.encode())
    return out.getvalue()


def data_url(mime: str, content: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def ask(api: Any, *parts: dict[str, Any], **more: Any) -> Any:
    content = [{"type": "text", "text": "What is it?"}, *parts]
    body = {"messages": [{"role": "user", "content": content}], "max_tokens": 4, **more}
    return api.post("/v1/chat/completions", body)


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def test_counted_by_kind(serve: Callable[..., Any]) -> None:
    api = serve()
    words = api.chat("What is it?", max_tokens=4).json["usage"]["prompt_tokens"]
    png, jpeg, wav = picture(), picture("JPEG", (280, 280)), sound()
    reply = ask(
        api,
        image(data_url("image/png", png)),
        image(data_url("image/jpeg", jpeg)),
        {"type": "input_audio", "input_audio": {
            "data": base64.b64encode(wav).decode(), "format": "wav"}},
    )  # fmt: skip
    # 56 x 84 are 2 x 3 patches of 28 pixels, half a second of sound is 12.5 tokens.
    assert reply.json["usage"]["prompt_tokens"] == words + 6 + 100 + 13
    media = api.stats()["media"]
    assert media["image"] == {
        "items": 2, "bytes": len(png) + len(jpeg), "tokens": 106, "refused": 0,
        "formats": {"png": 1, "jpeg": 1},
    }  # fmt: skip
    assert media["audio"]["bytes"] == len(wav)
    record = api.log()[-1]
    assert record["media"] == {"image": 2, "audio": 1}
    assert record["media_bytes"] == len(png) + len(jpeg) + len(wav)
    # In a stream, and in a response, it is the same.
    events = ask(
        api, image(data_url("image/png", png)), stream=True, stream_options={"include_usage": True}
    ).events
    assert events[-1]["usage"]["prompt_tokens"] == words + 6
    said = {"type": "input_image", "image_url": data_url("image/png", png)}
    items = [{"role": "user", "content": [{"type": "input_text", "text": "What is it?"}, said]}]
    response = api.post("/v1/responses", {"input": items, "max_output_tokens": 4}).json
    assert response["usage"]["input_tokens"] == words + 6


def test_films(serve: Callable[..., Any]) -> None:
    api, content = serve(), film()
    url = {"type": "video_url", "video_url": {"url": data_url("video/mp4", content)}}
    before = api.chat("What is it?", max_tokens=4).json["usage"]["prompt_tokens"]
    # 3 s are 6 frames at two a second; two of them are one of 4 x 2 patches.
    assert ask(api, url).json["usage"]["prompt_tokens"] == before + 3 * 8
    jpegs = ",".join(base64.b64encode(picture("JPEG", (112, 56))).decode() for _ in range(4))
    frames = {"type": "video_url", "video_url": {"url": f"data:video/jpeg;base64,{jpegs}"}}
    assert ask(api, frames).json["usage"]["prompt_tokens"] == before + 2 * 8
    broken = {"type": "video_url", "video_url": {"url": data_url("video/mp4", film_by_hand())}}
    assert ask(api, broken).status == 400
    assert api.stats()["media"]["video"]["formats"] == {"mp4": 1, "frames": 1}
    assert api.stats()["media"]["video"]["refused"] == 1


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "a.png").write_bytes(picture())

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(tmp_path))

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_where_they_come_from(serve: Callable[..., Any], site: str, tmp_path: Path) -> None:
    api = serve(allowed_local_media_path=str(tmp_path))
    name = api.served.simulator
    assert ask(api, image(f"{site}/a.png")).status == 200
    assert ask(api, image((tmp_path / "a.png").as_uri())).status == 200
    form = (
        b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        + picture() + b"\r\n--x--\r\n"
    )  # fmt: skip
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    made = api.send("POST", "/v1/files", form, **kind).json
    assert (made["filename"], made["purpose"]) == ("a.png", "vision")
    uploaded = {"type": "image_url", "image_url": {"file_id": made["id"]}}
    assert ask(api, uploaded).status == 200
    assert name.journal.media.stats()["image"]["items"] == 3
    for path, said in (
        (f"{site}/none.png", "404"),
        ("http://127.0.0.1:1/a.png", "cannot get"),
        ((tmp_path / "none.png").as_uri(), "No such file"),
        (Path(__file__).as_uri(), "must be a subpath"),
        ("ftp://example.com/a.png", "must be either a HTTP, data or file URL"),
        ("data:image/png,plain", "Only base64"),
        ("data:image/png;base64", "missing ','"),
        ("data:image/png;base64,A", "base64"),
        ("data:image/png;base64,", "empty"),
    ):
        reply = ask(api, image(path))
        assert reply.status == 400
        assert said in reply.json["error"]["message"]
    assert ask(api, {"type": "image_url", "image_url": {"file_id": "file-0"}}).status == 404
    for form in (b"", b"--x\r\n", b"--x--\r\n"):
        assert api.send("POST", "/v1/files", form, **kind).status == 400
    assert api.post("/v1/files", {}).status == 400
    away = serve()
    reply = ask(away, image((tmp_path / "a.png").as_uri()))
    assert "--allowed-local-media-path" in reply.json["error"]["message"]


@pytest.mark.parametrize("part", [
    {"type": "picture"}, {"type": "image_url"}, {"type": "image_url", "image_url": 5},
    {"type": "text"}, {"type": 5}, 5, {"type": "input_audio", "input_audio": {}},
])  # fmt: skip
def test_parts_that_are_none(serve: Callable[..., Any], part: Any) -> None:
    reply = ask(serve(), part)
    assert reply.status == 400
    assert reply.json["error"]["param"].removeprefix("body.").startswith("messages.0.content.1")


CHECKS = [MediaCheck.DECODE, MediaCheck.STRUCTURE]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_whole_and_cut(form: str, check: MediaCheck) -> None:
    content = picture(form)
    seen = MediaChecker().look("image", content, check)
    assert (seen.form, seen.width, seen.height) == (form.lower(), 56, 84)
    for cut in (content[:-40], content[:20], b"no picture at all"):
        with pytest.raises(MediaError):
            MediaChecker().look("image", cut, check)
    if form == "PNG":
        changed = bytearray(content)
        changed[len(changed) // 2] ^= 0xFF
        with pytest.raises(MediaError):
            MediaChecker().look("image", bytes(changed), check)


@pytest.mark.parametrize("check", CHECKS)
def test_sounds(check: MediaCheck) -> None:
    seen = MediaChecker().look("audio", sound(), check)
    assert (seen.form, seen.seconds) == ("wav", 0.5)
    with pytest.raises(MediaError):
        MediaChecker().look("audio", picture(), check)
    with pytest.raises(MediaError, match="truncated"):
        by_structure("audio", sound()[:-100])


def test_films_by_structure() -> None:
    seen = by_structure("video", film_by_hand())
    assert (seen.width, seen.height, seen.seconds) == (64, 48, 3.0)
    for cut in (film_by_hand()[:-3], film_by_hand()[:60], b"ftyp"):
        with pytest.raises(MediaError):
            by_structure("video", cut)


def test_counted_only() -> None:
    seen = MediaChecker().look("image", b"anything", MediaCheck.COUNT)
    assert (seen.form, seen.size, seen.tokens) == ("unknown", 8, 4)


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [(28, 28, 4), (10, 10, 4), (56, 56, 4), (1120, 560, 800), (1000, 1000, 36 * 36),
     (20000, 10000, 16290)],
)  # fmt: skip
def test_tokens_of_pictures(width: int, height: int, tokens: int) -> None:
    """As Qwen2-VL's processor resizes them."""
    seen = MediaSeen(kind="image", form="png", size=1, width=width, height=height)
    assert seen.tokens == tokens
