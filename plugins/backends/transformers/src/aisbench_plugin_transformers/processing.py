"""The processor of a model of pictures, sounds or films: which there is, and how it is set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench.api import AisbenchError
from aisbench.codec import FilmShape, Unfit
from aisbench_plugin_transformers.settings import HfSettings

_LOADERS = frozenset({"backend", "use_fast"})
"""Keys that say how a processor is loaded."""
_PARTS = {
    "image_processor": "AutoImageProcessor",
    "video_processor": "AutoVideoProcessor",
    "feature_extractor": "AutoFeatureExtractor",
}
"""Parts of processors, and what loads them."""


def processor_of(settings: HfSettings, config: Any, transformers: Any, keys: Any) -> Any:
    """What puts contents and text together; None for models of text alone. Raises AisbenchError
    for a setting that no part of it has."""
    if model_class(config, transformers) is transformers.AutoModelForCausalLM:
        if settings.processor or settings.video_processor:
            raise AisbenchError(
                f"{settings.path}: the model ({config.model_type}) takes text alone, so it has no "
                "processor to be set",
                hint="leave out `processor` and `video_processor`",
            )
        return None
    try:
        return _loaded(settings, transformers, keys)
    except ImportError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise AisbenchError(
            f"{settings.path}: its processor needs a library that is not installed: "
            f"{lines[0] if lines else error}",
            hint="pip install torchvision (the build that goes with your torch), or what it names",
        ) from error


def _loaded(settings: HfSettings, transformers: Any, keys: dict[str, Any]) -> Any:
    path = str(settings.tokenizer_path or settings.path)
    keys = {**keys, **{k: v for k, v in settings.processor.items() if k in _LOADERS}}
    given = {k: v for k, v in settings.processor.items() if k not in _LOADERS}
    found = transformers.AutoProcessor.from_pretrained(path, **keys)
    _check_known(settings, found)
    if whole := {k: v for k, v in given.items() if not _takers(found, k)}:
        found = transformers.AutoProcessor.from_pretrained(path, **keys, **whole)
    for name, loader in _PARTS.items():
        own = {k: v for k, v in given.items() if name in _takers(found, k)}
        if name == "video_processor":
            own = _one_rule({**own, **settings.video_processor})
        if own:
            # Given to the whole they would be in each call too, and be warned of.
            part = getattr(transformers, loader).from_pretrained(path, **keys, **own)
            setattr(found, name, part)
    return found


def _one_rule(given: dict[str, Any]) -> dict[str, Any]:
    """A number of frames that the suite sets, or a rate, takes the place of the other one in the
    processor's file: it takes no two."""
    rules = ("num_frames", "fps")
    if any(given.get(one) is not None for one in rules):
        return {**dict.fromkeys(rules), **given}
    return given


def model_class(config: Any, transformers: Any) -> Any:
    """The class of Transformers that loads a model of this configuration."""
    names = transformers.models.auto.modeling_auto
    if config.model_type in names.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES:
        return transformers.AutoModelForImageTextToText
    # Models of sounds, and since Transformers 5.
    several = getattr(names, "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES", {})
    if config.model_type in several:
        return transformers.AutoModelForMultimodalLM
    return transformers.AutoModelForCausalLM


def chosen_frames(processor: Any, shape: FilmShape) -> Sequence[int]:
    """The frames of a film that its processor samples by its own rule: `fps`, `num_frames` and the
    like. All of them where it has no rule. Raises Unfit."""
    from transformers.video_utils import VideoMetadata

    part = processor.video_processor
    about = VideoMetadata(total_num_frames=shape.frames, fps=shape.rate, duration=shape.seconds)
    rule = {name: getattr(part, name, None) for name in ("num_frames", "fps")}
    try:
        found = part.sample_frames(about, **{k: v for k, v in rule.items() if v is not None})
    except ValueError as error:
        raise Unfit(
            f"its processor cannot sample a film of {shape.frames} frames: {error}; set fps or "
            "num_frames of `video_processor`, or let `prompt.frames` show pictures"
        ) from error
    return [int(one) for one in found]


def _takers(processor: Any, key: str) -> list[str]:
    """The parts of a processor that have a setting of this name."""
    return [name for name in _PARTS if key in _settable(getattr(processor, name, None))]


def _settable(part: Any) -> set[str]:
    if part is None:
        return set()
    valid = getattr(part, "valid_kwargs", None)
    names = set(getattr(valid, "__annotations__", ())) | set(vars(part))
    return {name for name in names if not name.startswith("_")}


def _check_known(settings: HfSettings, processor: Any) -> None:
    """Raises AisbenchError: Transformers would leave unknown settings without effect."""
    name = type(processor).__name__
    films = _settable(getattr(processor, "video_processor", None))
    if settings.video_processor and not films:
        raise AisbenchError(
            f"video_processor: the model's processor ({name}) takes no films", hint="leave it out"
        )
    known = set().union(*(_settable(getattr(processor, one, None)) for one in _PARTS))
    known |= {one for one, value in vars(processor).items() if isinstance(value, (str, int))}
    for key, given, names in (
        ("processor", settings.processor, known | _LOADERS),
        ("video_processor", settings.video_processor, films),
    ):
        for one in given:
            if one not in names:
                raise AisbenchError(
                    f"{key}.{one}: is nothing that the model's processor ({name}) can be told",
                    hint=f"it has {', '.join(sorted(names))}",
                )
