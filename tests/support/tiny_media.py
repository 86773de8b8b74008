"""Make a tiny model of pictures, films or sounds with random weights and a processor of its own:

python tiny_media.py DIR TEXT-MODEL FORM

TEXT-MODEL is the folder of a model that tiny_model.py made, whose tokenizer it gets. FORM is
qwen2-vl, qwen2.5-vl, qwen3-vl, llava, llava-next, llava-onevision or qwen2-audio. Needs torch,
torchvision (for those that take films) and transformers, and no download.
"""

from __future__ import annotations

import sys
from typing import Any

SIDE = 28
"""Pixels of a side that Qwen2-VL makes one token of."""

_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}"
    "{% for part in m['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% else %}MEDIA{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make(folder: str, text_model: str, form: str) -> None:
    """Write configuration, weights and processor into ``folder``."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(text_model)
    torch.manual_seed(0)
    model = _FORMS[form](folder, tokenizer, transformers)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    if form == "qwen2-audio":
        _as_published(folder)


def _as_published(folder: str) -> None:
    """Names of tensors as the published checkpoint has them: some versions of Transformers (5.19)
    write others, which vLLM does not know."""
    from safetensors.torch import load_file, save_file

    path = f"{folder}/model.safetensors"
    tensors = load_file(path)
    renamed = {name.replace(".model.model.", ".model."): one for name, one in tensors.items()}
    save_file(renamed, path, metadata={"format": "pt"})


def _text_keys(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 64,
        "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
        "max_position_embeddings": 1024, "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id,
        "tie_word_embeddings": False,
    }  # fmt: skip


def _qwen2_vl(folder: str, tokenizer: Any, transformers: Any) -> Any:
    vision = {"depth": 1, "embed_dim": 64, "num_heads": 2, "hidden_size": 64, "mlp_ratio": 1}
    return _qwen_vl(folder, tokenizer, transformers, "Qwen2VL", "Qwen2VL", vision)


def _qwen2_5_vl(folder: str, tokenizer: Any, transformers: Any) -> Any:
    vision = {
        "depth": 2, "hidden_size": 64, "num_heads": 2, "intermediate_size": 64,
        "out_hidden_size": 64, "window_size": 56, "fullatt_block_indexes": [1],
    }  # fmt: skip
    return _qwen_vl(folder, tokenizer, transformers, "Qwen2_5_VL", "Qwen2VL", vision)


def _qwen3_vl(folder: str, tokenizer: Any, transformers: Any) -> Any:
    vision = {
        "depth": 2, "hidden_size": 64, "num_heads": 2, "intermediate_size": 64,
        "out_hidden_size": 64, "num_position_embeddings": 64, "deepstack_visual_indexes": [0],
        "patch_size": 14,
    }  # fmt: skip
    return _qwen_vl(folder, tokenizer, transformers, "Qwen3VL", "Qwen3VL", vision)


def _qwen_vl(
    folder: str, tokenizer: Any, transformers: Any, name: str, films: str, vision: dict[str, Any]
) -> Any:
    pads = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": pads})
    start, end, image, video = tokenizer.convert_tokens_to_ids(pads)
    sizes = {"size": {"shortest_edge": SIDE * SIDE, "longest_edge": 16 * SIDE * SIDE}}
    more = {"cap_pixels_per_frame": False} if films == "Qwen2VL" else {"patch_size": 14}
    placed = "<|vision_start|><|{{ part['type'] }}_pad|><|vision_end|>"
    getattr(transformers, f"{name}Processor")(
        transformers.Qwen2VLImageProcessor(**sizes),
        tokenizer,
        getattr(transformers, f"{films}VideoProcessor")(**sizes, **more, fps=2.0),
        chat_template=_TEMPLATE.replace("MEDIA", placed),
    ).save_pretrained(folder)
    config = getattr(transformers, f"{name}Config")(
        text_config={
            **_text_keys(tokenizer), "head_dim": 32,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]
            },
        },
        vision_config={"in_channels": 3, **vision},
        vision_start_token_id=start, vision_end_token_id=end, image_token_id=image,
        video_token_id=video, tie_word_embeddings=False,
    )  # fmt: skip
    return getattr(transformers, f"{name}ForConditionalGeneration")(config)


def _llava(folder: str, tokenizer: Any, transformers: Any) -> Any:
    """Pictures of 16 x 16 points become 16 tokens."""
    return _llava_like(
        folder, tokenizer, transformers, "Llava", transformers.CLIPImageProcessor, {}
    )


def _llava_next(folder: str, tokenizer: Any, transformers: Any) -> Any:
    grid = {"image_grid_pinpoints": [[16, 32], [32, 16], [32, 32]]}
    images = transformers.LlavaNextImageProcessor
    return _llava_like(folder, tokenizer, transformers, "LlavaNext", images, grid)


def _llava_like(
    folder: str, tokenizer: Any, transformers: Any, name: str, images: Any, grid: dict[str, Any]
) -> Any:
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    side = {"shortest_edge": 16} if grid else {"height": 16, "width": 16}
    getattr(transformers, f"{name}Processor")(
        images(size=side, crop_size={"height": 16, "width": 16}, **grid),
        tokenizer,
        patch_size=4,
        vision_feature_select_strategy="default",
        chat_template=_TEMPLATE.replace("MEDIA", "<image>"),
        num_additional_image_tokens=1,
    ).save_pretrained(folder)
    config = getattr(transformers, f"{name}Config")(
        vision_config=transformers.CLIPVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
            image_size=16, patch_size=4,
        ),
        text_config=transformers.Qwen2Config(**_text_keys(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        **grid,
    )  # fmt: skip
    return getattr(transformers, f"{name}ForConditionalGeneration")(config)


def _llava_onevision(folder: str, tokenizer: Any, transformers: Any) -> Any:
    pads = ["<image>", "<video>"]
    tokenizer.add_special_tokens({"additional_special_tokens": pads})
    image, video = tokenizer.convert_tokens_to_ids(pads)
    side = {"height": 16, "width": 16}
    grid = {"image_grid_pinpoints": [[16, 32], [32, 16], [32, 32]]}
    transformers.LlavaOnevisionProcessor(
        transformers.LlavaOnevisionImageProcessor(size=side, **grid),
        tokenizer,
        transformers.LlavaOnevisionVideoProcessor(size=side, num_frames=4),
        num_image_tokens=16,
        vision_feature_select_strategy="full",
        chat_template=_TEMPLATE.replace("MEDIA", "<{{ part['type'] }}>"),
        vision_aspect_ratio="anyres_max_4",
    ).save_pretrained(folder)
    config = transformers.LlavaOnevisionConfig(
        vision_config=transformers.SiglipVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
            image_size=16, patch_size=4, vision_use_head=False,
        ),
        text_config=transformers.Qwen2Config(**_text_keys(tokenizer)),
        image_token_id=image, video_token_id=video, vision_aspect_ratio="anyres_max_4", **grid,
    )  # fmt: skip
    return transformers.LlavaOnevisionForConditionalGeneration(config)


def _qwen2_audio(folder: str, tokenizer: Any, transformers: Any) -> Any:
    pads = ["<|audio_bos|>", "<|audio_eos|>", "<|AUDIO|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": pads})
    transformers.Qwen2AudioProcessor(
        transformers.WhisperFeatureExtractor(feature_size=8),
        tokenizer,
        chat_template=_TEMPLATE.replace("MEDIA", "<|audio_bos|><|AUDIO|><|audio_eos|>"),
    ).save_pretrained(folder)
    config = transformers.Qwen2AudioConfig(
        audio_config={
            "model_type": "qwen2_audio_encoder", "d_model": 16, "num_mel_bins": 8,
            "encoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 32,
        },
        text_config={"model_type": "qwen2", **_text_keys(tokenizer)},
        audio_token_id=tokenizer.convert_tokens_to_ids(pads[-1]),
        audio_token_index=tokenizer.convert_tokens_to_ids(pads[-1]),
    )  # fmt: skip
    return transformers.Qwen2AudioForConditionalGeneration(config)


_FORMS = {
    "qwen2-vl": _qwen2_vl,
    "qwen2.5-vl": _qwen2_5_vl,
    "qwen3-vl": _qwen3_vl,
    "llava": _llava,
    "llava-next": _llava_next,
    "llava-onevision": _llava_onevision,
    "qwen2-audio": _qwen2_audio,
}

if __name__ == "__main__":
    make(*sys.argv[1:4])
