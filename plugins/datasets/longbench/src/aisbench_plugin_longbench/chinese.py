"""Chinese words, as jieba cuts them."""

from __future__ import annotations

import logging
import string
import warnings
from functools import lru_cache
from typing import Any

_WIDE = (
    "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃"
    "》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏."
)
_PUNCTUATION = str.maketrans("", "", string.punctuation + _WIDE)


def chinese_words(text: str, *, all_: bool = False) -> list[str]:
    """The words of a text: ``all_`` of them, or lower case without punctuation and blanks, and
    those that are left."""
    cut = [str(word) for word in _jieba().cut(text)]
    if all_:
        return cut
    plain = ("".join(word.lower().translate(_PUNCTUATION).split()) for word in cut)
    return [word for word in plain if word]


@lru_cache(maxsize=1)
def _jieba() -> Any:
    """A tokenizer of our own: words that other code adds to jieba's would change scores."""
    with warnings.catch_warnings():
        # jieba 0.42.1 has escapes that newer Pythons warn of, and asks for pkg_resources.
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()
