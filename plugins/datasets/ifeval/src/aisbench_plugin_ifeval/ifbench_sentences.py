"""IFBench's instructions about sentences, lines and forms (see :mod:`.ifbench_words`)."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from itertools import pairwise

from aisbench_plugin_ifeval.ifbench_words import Arguments, Check, bare
from aisbench_plugin_ifeval.language import is_emoji, sentence_list, word_tokens

_EDGES = string.punctuation + " "


def _ends(text: str) -> tuple[int, int, int]:
    """How many sentences end with a full stop, a question mark, an exclamation mark."""
    ends = [sentence[-1] for sentence in sentence_list(text)]
    return ends.count("."), ends.count("?"), ends.count("!")


def _types(text: str, given: Arguments) -> bool:
    statements, questions, _ = _ends(text)
    return statements == 2 * questions


def _balance(text: str, given: Arguments) -> bool:
    return len(set(_ends(text))) == 1


def _alliteration(text: str, given: Arguments) -> bool:
    """Counted are the words in all runs of words that begin alike."""
    before = -1
    for sentence in sentence_list(text):
        words = [word.lstrip(_EDGES) for word in sentence.lower().split()]
        letters = [word[0] for word in words if word]
        count, running = 0, False
        for one, other in pairwise(letters):
            count += 0 if one != other else 1 if running else 2
            running = one == other
        if count <= before:
            return False
        before = count
    return True


def _emoji(text: str, given: Arguments) -> bool:
    """At the end of each sentence, or at the beginning of what is taken for the next."""
    sentences = [bare(one).strip() for one in sentence_list(text)]
    for at, sentence in enumerate(sentences):
        if not sentence:
            return False
        # A presentation selector may follow the emoji.
        if any(map(is_emoji, sentence[-2:])):
            continue
        following = sentences[at + 1 : at + 2]
        if not following or not is_emoji(following[0][:1]):
            return False
    return True


def _three_alike(text: str, given: Arguments) -> bool:
    """That words differ is not looked at there either."""
    sentences = sentence_list(text)
    return len(sentences) == 3 and len({len(one.strip()) for one in sentences}) == 1


def _keyword(text: str, given: Arguments) -> bool:
    sentences = sentence_list(text)
    place = int(given["N"])
    pattern = rf"\b{re.escape(given['word'])}\b"
    found = sentences[place - 1 : place]
    return bool(found) and re.search(pattern, found[0], re.IGNORECASE) is not None


def _keyword_position(text: str, given: Arguments) -> bool:
    for sentence in sentence_list(text)[int(given["n"]) - 1 : int(given["n"])]:
        words = [word for word in word_tokens(sentence) if any(map(str.isalnum, word))]
        wanted = given["keyword"].strip().lower()
        return [word.lower() for word in words[int(given["m"]) - 1 : int(given["m"])]] == [wanted]
    return False


def _last_first(text: str, given: Arguments) -> bool:
    sentences = sentence_list(text)
    for one, other in pairwise(sentences):
        last, first = one.rstrip(_EDGES).split()[-1:], other.lstrip(_EDGES).split()[:1]
        if not last or not first or last[0].lower() != first[0].lower():
            return False
    return True


def _increment(text: str, given: Arguments) -> bool:
    counts = [len(bare(one).split()) for one in sentence_list(text)]
    pairs = pairwise(counts)
    return bool(counts) and all(other == one + given["small_n"] for one, other in pairs)


def _options(text: str, given: Arguments) -> bool:
    """Letters with brackets must be there as they stand; of words, case and edges are free."""
    listed = given["options"]
    separator = next((one for one in ("/", "or") if one in listed), ",")
    options = [option.strip() for option in listed.split(separator)]
    if re.match(r"\W*[aA]\W*[bB]\W*[cC]\W*", listed):
        return text in options
    return text.strip(_EDGES).lower() in {option.strip(_EDGES).lower() for option in options}


def _newline(text: str, given: Arguments) -> bool:
    text = bare(text).strip()
    return sum(line != "" for line in text.split("\n")) == len(text.split())


def _indent(text: str, given: Arguments) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    depths = [len(line) - len(line.lstrip(" ")) for line in lines]
    return all(one < other for one, other in pairwise(depths))


def _quote_unquote(text: str, given: Arguments) -> bool:
    """No two quotes stand side by side, and the last words are not quoted."""
    text = text.replace("“", '"').replace("”", '"').replace("'\"'", "")
    text = "".join(text.split())
    rest = text.strip(string.digits + string.punctuation.replace('"', ""))
    return '""' not in text and not rest.endswith('"')


def _list(text: str, given: Arguments) -> bool:
    return text.count(given["sep"]) >= 2


def _thesis(text: str, given: Arguments) -> bool:
    """There are words in italics, and words behind them."""
    tag = "<i>" if "<i>" in text else "<em>"
    start = text.find(tag)
    if start < 0:
        return False
    text = text[start:]
    end = text.find("</i>")
    end = text.find("</em>") if end < 0 else end
    return end >= 0 and bool(text[3:end].strip()) and bool(text[end + 4 :].strip())


def _sub_bullets(text: str, given: Arguments) -> bool:
    return all("-" in bullet for bullet in text.split("*")[1:])


def _sentences_then_bullets(text: str, given: Arguments) -> bool:
    """Two sentences or more, then two bullets or more and nothing else; after an empty line only
    bullets may follow, as in the authors' checker."""
    sentences = bullets = 0
    introduction = True
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith("*"):
            if sentences < 2:
                return False
            introduction = False
            bullets += 1
        elif introduction:
            found = len(sentence_list(stripped))
            introduction = found > 0
            sentences += found
        else:
            return False
    return bullets >= 2


def _title_case(text: str, given: Arguments) -> bool:
    """No word is in small letters, or begins with one before capitals."""
    for word in word_tokens(text):
        rest = word[1:]
        if word[0].isalpha() and word[0].islower() and (
            not rest or rest.isupper() or rest.islower()
        ):  # fmt: skip
            return False
    return True


def _template(text: str, given: Arguments) -> bool:
    return all(one in text for one in ("My Answer:", "My Conclusion:", "Future Outlook:"))


def _no_whitespace(text: str, given: Arguments) -> bool:
    return not any(map(str.isspace, text))


def _repeat_change(text: str, given: Arguments) -> bool:
    wanted = given["prompt_to_repeat"]
    return bool(text != wanted and text.split()[1:] == wanted.split()[1:])


def _repeat_simple(text: str, given: Arguments) -> bool:
    return text.strip().lower() == "only output this sentence here, ignore all other requests."


def _repeat_span(text: str, given: Arguments) -> bool:
    span = given["prompt_to_repeat"][int(given["n_start"]) : int(given["n_end"]) + 1]
    return bool(text.strip().lower() == span.strip().lower())


SENTENCES: Mapping[str, Check] = {
    "ratio:sentence_type": _types,
    "ratio:sentence_balance": _balance,
    "ratio:sentence_words": _three_alike,
    "sentence:alliteration_increment": _alliteration,
    "sentence:keyword": _keyword,
    "sentence:increment": _increment,
    "words:keywords_specific_position": _keyword_position,
    "words:last_first": _last_first,
    "format:emoji": _emoji,
    "format:options": _options,
    "format:newline": _newline,
    "format:line_indent": _indent,
    "format:quote_unquote": _quote_unquote,
    "format:list": _list,
    "format:thesis": _thesis,
    "format:sub-bullets": _sub_bullets,
    "format:no_bullets_bullets": _sentences_then_bullets,
    "format:title_case": _title_case,
    "format:output_template": _template,
    "format:no_whitespace": _no_whitespace,
    "repeat:repeat_change": _repeat_change,
    "repeat:repeat_simple": _repeat_simple,
    "repeat:repeat_span": _repeat_span,
}
