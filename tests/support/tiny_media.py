"""Make a tiny model of pictures, films or sounds with random weights and a processor of its own:

python tiny_media.py DIR TEXT-MODEL qwen2-vl | llava | qwen2-audio

TEXT-MODEL is the folder of a model that tiny_model.py made, whose tokenizer it gets. Needs torch,
torchvision (qwen2-vl) and transformers, and no download.
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


def _text_keys(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 64,
        "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
        "max_position_embeddings": 1024, "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id,
        "tie_word_embeddings": False,
    }  # fmt: skip


def _qwen2_vl(folder: str, tokenizer: Any, transformers: Any) -> Any:
    pads = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": pads})
    start, end, image, video = tokenizer.convert_tokens_to_ids(pads)
    sizes = {"min_pixels": SIDE * SIDE, "max_pixels": 16 * SIDE * SIDE}
    placed = "<|vision_start|><|{{ part['type'] }}_pad|><|vision_end|>"
    transformers.Qwen2VLProcessor(
        transformers.Qwen2VLImageProcessor(**sizes),
        tokenizer,
        transformers.Qwen2VLVideoProcessor(**sizes, cap_pixels_per_frame=False, fps=2.0),
        chat_template=_TEMPLATE.replace("MEDIA", placed),
    ).save_pretrained(folder)
    config = transformers.Qwen2VLConfig(
        text_config={
            **_text_keys(tokenizer),
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]
            },
        },
        vision_config={
            "depth": 1, "embed_dim": 64, "num_heads": 2, "hidden_size": 64, "mlp_ratio": 1,
            "in_channels": 3,
        },
        vision_start_token_id=start, vision_end_token_id=end, image_token_id=image,
        video_token_id=video, tie_word_embeddings=False,
        initializer_range=0.2,
    )  # fmt: skip
    return transformers.Qwen2VLForConditionalGeneration(config)


def _llava(folder: str, tokenizer: Any, transformers: Any) -> Any:
    """Pictures of 16 x 16 points become 16 tokens."""
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    transformers.LlavaProcessor(
        transformers.CLIPImageProcessor(
            size={"height": 16, "width": 16}, crop_size={"height": 16, "width": 16}
        ),
        tokenizer,
        patch_size=4,
        vision_feature_select_strategy="default",
        chat_template=_TEMPLATE.replace("MEDIA", "<image>"),
        num_additional_image_tokens=1,
    ).save_pretrained(folder)
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
            image_size=16, patch_size=4,
        ),
        text_config=transformers.Qwen2Config(**_text_keys(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    return transformers.LlavaForConditionalGeneration(config)


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


_FORMS = {"qwen2-vl": _qwen2_vl, "llava": _llava, "qwen2-audio": _qwen2_audio}

if __name__ == "__main__":
    make(*sys.argv[1:4])
