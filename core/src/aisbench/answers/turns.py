"""Where a turn ends, by tokens of chat formats that a server left in the text. Pure.

The tokens are those of the published chat templates of Llama 2 to 4, Qwen, DeepSeek, GLM, Gemma,
Mistral, Phi, Yi, InternLM, Baichuan, Cohere and gpt-oss, and of Alpaca's and Vicuna's prompts.
"""

from __future__ import annotations

import re

_END = re.compile(
    r"<[|｜](?:im_end|endoftext|end_of_text|eot_id|eom_id|end|eot|eos|end_of_turn|return|call|"
    r"endofprompt|end_of_turn_token|im_start|user|assistant|system|observation|start_header_id|"
    r"begin_of_text|end▁of▁sentence|User|Assistant|begin▁of▁sentence|EOT|END_OF_TURN_TOKEN|"
    r"START_OF_TURN_TOKEN|fim_\w+|pad)[|｜]>"
    r"|</s>|<eos>|<bos>|<pad>|<\|?/?(?:end_of_turn|start_of_turn|turn)\|?>|<eod>|<eoa>|<eoh>|"
    r"<TOKENS_UNUSED_\d>|<reserved_10[67]>|\[/?INST\]|\[EOS\]|\[DONE\]|\[UNUSED_TOKEN_14\d\]"
    r"|<s>"
)
_ROLE = re.compile(
    r"\n[ \t>*#]{0,8}(?:human|user|instruction|用户|人类)[*\t ]{0,3}[:\uff1a]"
    r"|\n#{2,4}[ \t]?(?:instruction|input|response|human|user|assistant)[ \t]?[:\uff1a]?[ \t]*\n",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"\s*(?:<[|｜](?:im_start|start_header_id|begin_of_text|begin▁of▁sentence|Assistant|assistant|"
    r"end_header_id|START_OF_TURN_TOKEN|CHATBOT_TOKEN|start|message|channel)[|｜]>"
    r"|<s>|<bos>|<start_of_turn>|\[/INST\]|(?<=[>])(?:assistant|model|final)\b"
    r"|(?:#{2,4}[ \t]?)?(?:assistant|response|助手|模型)[ \t]?[:\uff1a](?=\s))+",
    re.IGNORECASE,
)


def one_turn(text: str) -> str:
    """``text`` without the role that opens it, up to the first token that ends a turn.

    A token without text before it ends nothing. Code that quotes such a token is cut as well, so
    read programs in another way.
    """
    if (head := _HEAD.match(text)) is not None:
        text = text[head.end() :]
    begin = len(text) - len(text.lstrip())
    for pattern in (_END, _ROLE) if "<" in text or "[" in text else (_ROLE,):
        for match in pattern.finditer(text):
            if match.start() > begin:
                text = text[: match.start()]
                break
            begin = max(begin, match.end())
            begin += len(text) - begin - len(text[begin:].lstrip())
    return text
