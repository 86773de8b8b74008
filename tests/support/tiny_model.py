"""Make a tiny Qwen2 model with random weights and a tokenizer of its own:

python tiny_model.py DIR [--multilingual]

Needs torch and transformers, and no download.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CORPUS = [
    "A baker makes 12 trays of 8 rolls and sells 5 dozen of them before noon.",
    "Solve this step by step. Then write one last line that holds #### and the final number.",
    "How many are left? The answer is 36, because 96 less 60 is 36.",
    "0 1 2 3 4 5 6 7 8 9 10 11 12 20 30 40 50 60 70 80 90 100 1000",
] * 20
# Of many scripts, so that some of its tokens end inside a character, some hold the end of one and
# the beginning of the next, and most characters span several.
MULTILINGUAL = [
    *CORPUS,
    *[
        "Smile 😁 and 😃 or 😄, then 🙂🙂 once more; 🎉 for you 🎊 and 🎈 too.",
        "世间 你好，世间。自己的硬件 是自由人的；世间万物，你我他。答案：是的。答案：不是。",
        "Glück aus Köln, schöne Füße, größer, müde, süß, weiß. Où est l'élève? Ça va.",
        "السلام عليكم ورحمة الله. नमन दुनिया, आप कैसे हैं? Привет, мир!",
    ]
    * 20,
]


def make(folder: str, corpus: Sequence[str] = CORPUS) -> None:
    """Write configuration, weights and tokenizer into ``folder``."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512 if corpus is CORPUS else 600,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=2048,
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=2048,
        bos_token_id=None,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
        tie_word_embeddings=False,
    )
    model = Qwen2ForCausalLM(config)
    model.generation_config.eos_token_id = fast.eos_token_id
    model.generation_config.pad_token_id = fast.pad_token_id
    model.save_pretrained(folder)


if __name__ == "__main__":
    make(sys.argv[1], MULTILINGUAL if "--multilingual" in sys.argv else CORPUS)
