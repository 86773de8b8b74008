"""Tiny random models for tests of local backends; skip where torch is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

_made: dict[str, Path] = {}


def text_model(factory: pytest.TempPathFactory) -> Path:
    """A Qwen2 of two layers with a tokenizer and a chat template, made once."""
    pytest.importorskip(
        "torch", reason="torch is not installed here: see tests/e2e/test_hf_backend.py"
    )
    pytest.importorskip("transformers", reason="transformers is not installed here")
    if "text" not in _made:
        from tiny_model import make

        folder = factory.mktemp("tiny")
        make(str(folder))
        _made["text"] = folder
    return _made["text"]


def vision_model(factory: pytest.TempPathFactory) -> Path:
    """A LLaVA of two layers with its processor, made once and without a download: pictures of
    16 x 16 points become 16 tokens."""
    text = text_model(factory)
    pytest.importorskip("PIL", reason="pillow is not installed here")
    if "vision" in _made:
        return _made["vision"]
    import torch
    import transformers

    folder = factory.mktemp("tiny-vision")
    tokenizer = transformers.AutoTokenizer.from_pretrained(text)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    template = (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
        "{% if m['content'] is string %}{{ m['content'] }}{% else %}"
        "{% for part in m['content'] %}"
        "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
        "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    images = transformers.CLIPImageProcessor(
        size={"height": 16, "width": 16}, crop_size={"height": 16, "width": 16}
    )
    processor = transformers.LlavaProcessor(
        images,
        tokenizer,
        patch_size=4,
        vision_feature_select_strategy="default",
        chat_template=template,
        num_additional_image_tokens=1,
    )
    processor.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
            image_size=16, patch_size=4,
        ),
        text_config=transformers.Qwen2Config(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
            num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=512,
            bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
        ),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    model = transformers.LlavaForConditionalGeneration(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    _made["vision"] = folder
    return folder
