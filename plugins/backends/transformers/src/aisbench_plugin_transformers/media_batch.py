"""Prompts with pictures, sounds and films, as the model's own processor puts them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from attrs import define, evolve, field, frozen

from aisbench.api import Media, SeenMedia
from aisbench.codec import (
    OpenedFilm,
    Rendered,
    Unfit,
    opened_film,
    opened_picture,
    opened_sound,
    placeholders,
    sound_rate,
)
from aisbench_plugin_transformers.loading import Loaded
from aisbench_plugin_transformers.processing import chosen_frames

_REFUSALS = (ValueError, TypeError, KeyError, IndexError, AssertionError)
"""What processors raise for contents that they do not take."""


@frozen(eq=False, kw_only=True)
class MediaBatch:
    """``inputs`` of the model for the prompts numbered ``kept``, padded to one width; ``widths``
    are their own, ``seen`` what became of their contents. ``refused`` says by number why the
    others cannot be asked."""

    inputs: dict[str, Any]
    kept: tuple[int, ...]
    widths: tuple[int, ...]
    seen: tuple[tuple[SeenMedia, ...], ...]
    refused: dict[int, str]


@frozen(eq=False, kw_only=True)
class _OpenedPrompt:
    """A prompt whose contents are opened."""

    number: int
    text: str
    opened: tuple[tuple[Media, Any], ...]

    def of(self, kind: str) -> list[Any]:
        return [found for media, found in self.opened if media.kind == kind]


@define
class _Opener:
    """Each content is opened once for a batch: choices of one question show the same."""

    processor: Any
    _known: dict[Media, Any] = field(init=False, factory=dict)

    def row(self, number: int, rendered: Rendered) -> _OpenedPrompt:
        """Raises Unfit."""
        opened = tuple((media, self._of(media)) for media in rendered.media)
        return _OpenedPrompt(number=number, text=rendered.text, opened=opened)

    def _of(self, media: Media) -> Any:
        if media not in self._known:
            self._known[media] = self._open(media)
        return self._known[media]

    def _open(self, media: Media) -> Any:
        if media.kind == "image":
            return opened_picture(media)
        if media.kind == "audio":
            return opened_sound(media, sound_rate(self.processor))
        return opened_film(media, lambda shape: chosen_frames(self.processor, shape))


def put_together(
    loaded: Loaded, several: Sequence[Rendered], side: Literal["left", "right"], most: int | None
) -> MediaBatch:
    """``side`` is where rows are padded, ``most`` how many tokens a prompt may have. All have
    contents of the same kinds. Raises what the library raises, except for what one prompt alone is
    the cause of."""
    refused: dict[int, str] = {}
    rows: list[_OpenedPrompt] = []
    opener = _Opener(loaded.processor)
    for number, rendered in enumerate(several):
        try:
            rows.append(opener.row(number, rendered))
        except Unfit as error:
            refused[number] = str(error)
    made: dict[str, Any] = {}
    try:
        made = _processed(loaded, rows, side)
    except _REFUSALS as error:
        rows = [row for row in rows if _fits(loaded, row, side, len(rows), error, refused)]
        made = _processed(loaded, rows, side)
    widths = _widths(made)
    long = {row.number for row, width in zip(rows, widths, strict=True) if most and width > most}
    if long:
        for row, width in zip(rows, widths, strict=True):
            if row.number in long:
                refused[row.number] = (
                    f"the prompt has {width} tokens, those of its pictures, sounds and films "
                    f"included, and the model takes {loaded.length}, the answer included: set "
                    "max_pixels of `processor`, or show fewer"
                )
        rows = [row for row in rows if row.number not in long]
        made = _processed(loaded, rows, side)
        widths = _widths(made)
    return MediaBatch(
        inputs=made,
        kept=tuple(row.number for row in rows),
        widths=widths,
        seen=_seen(loaded.processor, rows, made),
        refused=refused,
    )


def _fits(
    loaded: Loaded,
    row: _OpenedPrompt,
    side: str,
    count: int,
    error: Exception,
    refused: dict[int, str],
) -> bool:
    """Whether the processor takes a prompt alone."""
    try:
        if count == 1:
            raise error
        _processed(loaded, [row], side)
    except _REFUSALS as found:
        refused[row.number] = f"the model's processor refuses it: {found}"
        return False
    return True


def _processed(loaded: Loaded, rows: Sequence[_OpenedPrompt], side: str) -> dict[str, Any]:
    if not rows:
        return {}
    processor = loaded.processor
    processor.tokenizer.padding_side = side
    texts = [row.text for row in rows]
    begin = loaded.tokenizer.bos_token
    keys: dict[str, Any] = {"text": texts, "padding": True, "return_tensors": "pt"}
    if begin and all(text.startswith(begin) for text in texts):
        # What the template wrote already is not put before it once more, as in Transformers.
        keys["add_special_tokens"] = False
    made = processor(**keys, **_contents(processor, rows))
    return dict(made.to(loaded.device, loaded.model.dtype))


def _contents(processor: Any, rows: Sequence[_OpenedPrompt]) -> dict[str, Any]:
    """Arguments of the processor: pictures row by row, as some processors need them; films and
    sounds one after the other."""
    found: dict[str, Any] = {}
    if any(row.of("image") for row in rows):
        found["images"] = [row.of("image") for row in rows]
    if films := [film for row in rows for film in row.of("video")]:
        found["videos"] = [film.pixels for film in films]
        found["video_metadata"] = [_metadata(film) for film in films]
        found["do_sample_frames"] = False
    if sounds := [sound for row in rows for sound in row.of("audio")]:
        found["audio"] = sounds
        found["audio_kwargs"] = {"sampling_rate": sound_rate(processor)}
    return found


def _metadata(film: OpenedFilm) -> Any:
    from transformers.video_utils import VideoMetadata

    width, height = film.size
    return VideoMetadata(
        total_num_frames=film.shape.frames,
        fps=film.shape.rate,
        width=width,
        height=height,
        duration=film.shape.seconds,
        frames_indices=list(film.indices),
    )


def _widths(made: dict[str, Any]) -> tuple[int, ...]:
    return tuple(made["attention_mask"].sum(dim=1).tolist()) if made else ()


# -- what became of them


def _seen(
    processor: Any, rows: Sequence[_OpenedPrompt], made: dict[str, Any]
) -> tuple[tuple[SeenMedia, ...], ...]:
    sizes = {
        "image": _Sizes.of(processor, made, "image_grid_thw", "image_processor"),
        "video": _Sizes.of(processor, made, "video_grid_thw", "video_processor"),
    }
    if "pixel_values" in made and sizes["image"] is None and made["pixel_values"].dim() == 4:
        height, width = made["pixel_values"].shape[2:]
        sizes["image"] = _Sizes(lambda _: (width, height))
    found = []
    for place, row in enumerate(rows):
        ids = made["input_ids"][place].tolist()
        found.append(
            tuple(
                _of_kind(kind, row.of(kind), placeholders(processor, kind, ids), sizes.get(kind))
                for kind in dict.fromkeys(media.kind for media, _ in row.opened)
            )
        )
    return tuple(found)


@define
class _Sizes:
    """Width and height of contents of one kind, in the order in which the processor has them."""

    _tell: Callable[[int], tuple[int, int]]
    _next: int = 0

    @classmethod
    def of(cls, processor: Any, made: dict[str, Any], grid: str, part: str) -> _Sizes | None:
        """Of a processor that tells how many patches a content has (Qwen-VL)."""
        patch = getattr(getattr(processor, part, None), "patch_size", None)
        if grid not in made or not isinstance(patch, int):
            return None
        rows = made[grid].tolist()
        return cls(lambda number: (rows[number][2] * patch, rows[number][1] * patch))

    def take(self) -> tuple[int, int]:
        self._next += 1
        return self._tell(self._next - 1)


def _of_kind(
    kind: Any, several: Sequence[Any], tokens: int | None, sizes: _Sizes | None
) -> SeenMedia:
    told = SeenMedia(kind=kind, count=len(several), tokens=tokens)
    if kind == "audio":
        return evolve(told, samples=tuple(len(one) for one in several))
    fitted = tuple(one.size if sizes is None else sizes.take() for one in several)
    frames = tuple(len(one.indices) for one in several) if kind == "video" else ()
    return evolve(told, sizes=fitted, frames=frames)
