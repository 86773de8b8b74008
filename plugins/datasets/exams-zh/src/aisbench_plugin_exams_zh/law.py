"""How LawBench scores its tasks (Z. Fei et al. 2023, arXiv:2309.16289; the evaluation folder of
open-compass/LawBench): a function for each kind of task. Tasks of ROUGE use ``rouge``."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from aisbench.api import Answer, Measure, Sample, Score, Verdict
from aisbench_plugin_exams_zh.law_options import LETTERS, OPTIONS

_NUMBER = re.compile(r"\d+\.?\d*")
_MONTHS = re.compile(r"(\d+)个月")
_MONTH = re.compile(r"(\d+)月")
_YEARS = re.compile(r"(\d+)年")
_RUN = re.compile(
    "([0-9.负点零〇一二两三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖兩幺十百千万亿拾佰仟萬億兆廿半]{40})"
    "[0-9.负点零〇一二两三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖兩幺十百千万亿拾佰仟萬億兆廿半]+"
)
"""No law has so many articles: cn2an's time grows with the square of such a run."""
ABSTAINED = "abstained"
"""The measure that LawBench publishes beside each figure."""
_LONGEST = math.log(216)
"""18 years in months: the distance of an answer without a term."""
_ENTITIES = (
    "犯罪嫌疑人", "受害人", "被盗货币", "物品价值", "盗窃获利", "被盗物品", "作案工具",
    "时间", "地点", "组织机构",
)  # fmt: skip
_ENTITY = re.compile(r"[:：]\s*([^\n ]*)")


def choice(sample: Sample, answer: Answer) -> Score:
    """1-2, 2-2, 2-4, 2-8, 3-6: right when the right option, and no other, is anywhere in it."""
    options = LETTERS.get(sample.part) or OPTIONS[sample.part]
    said = [option for option in options if option in answer.text]
    right = said == [_right_option(sample)]
    if not said:
        return _abstained("it names no option")
    return _decided(right, ";".join(said))


def _right_option(sample: Sample) -> str:
    text = str(sample.target)
    if sample.part in LETTERS:
        return text[6 if sample.part == "2-8" else 5]
    return text[7:-1] if sample.part == "2-2" else text


def options(sample: Sample, answer: Answer) -> Score:
    """2-3, 2-9, 3-3: F1 of the options that it names anywhere."""
    text = str(sample.target)
    if sample.part == "2-3":
        wanted = text.removeprefix("类别:").removesuffix("。").split("、")
    else:
        wanted = text.removeprefix("罪名:").split(";")
    said = [option for option in OPTIONS[sample.part] if option in answer.text]
    return _shared(said, wanted)


def articles(sample: Sample, answer: Answer) -> Score:
    """3-1: F1 of the numbers of articles, the first number of each part between ``、``."""
    wanted = str(sample.target).removeprefix("法条:刑法第").replace("条", "").split("、")
    said = []
    for chunk in answer.text.split("、"):
        chunk = chunk.replace("万元", "元")
        chunk = _between(_between(chunk, "款", keep=False), "条", keep=True)
        if number := re.search(r"\d+", _as_digits(chunk)):
            said.append(str(int(number[0])))
    return _shared(said, wanted)


def _between(text: str, end: str, *, keep: bool) -> str:
    """Without 第 ... and the next ``end`` of the same line; ``keep`` what stands between them."""
    return "\n".join(_between_in_line(line, end, keep=keep) for line in text.split("\n"))


def _between_in_line(line: str, end: str, *, keep: bool) -> str:
    pieces, place = [], 0
    while (start := line.find("第", place)) >= 0 and (close := line.find(end, start)) >= 0:
        pieces.append(line[place:start])
        if keep:
            pieces.append(line[start + 1 : close])
        place = close + 1
    return "".join([*pieces, line[place:]])


def _as_digits(text: str) -> str:
    import warnings

    import cn2an  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        # It warns of each 万 without a number before it, and leaves it as it is.
        warnings.simplefilter("ignore")
        return str(cn2an.transform(_RUN.sub(r"\1", text), "cn2an"))


def _shared(said: Collection[str], wanted: Collection[str]) -> Score:
    """F1 of two sets."""
    if not said:
        return _abstained("it names none")
    common = len(set(said) & set(wanted))
    value = 2 * common / (len(set(said)) + len(set(wanted)))
    return _graded(value, ";".join(sorted(set(said))))


def term(sample: Sample, answer: Answer) -> Score:
    """3-4, 3-5: one less the distance of the logarithms of the months, in shares of that of 216
    months. It may fall below 0 for centuries: the value stops there, the measure does not."""
    months = int(str(sample.target).removeprefix("刑期:").removesuffix("个月"))
    text = _as_digits(answer.text)
    said: int | None = None
    if found := _MONTHS.search(text) or _MONTH.search(text):
        said = int(found[1])
    elif found := _YEARS.search(text):
        said = 12 * int(found[1])
    if said is None:
        score, name = _abstained("it names no term"), 0.0
    else:
        name = 1 - abs(math.log(months + 1) - math.log(said + 1)) / _LONGEST
        score = _graded(min(1.0, max(0.0, name)), f"{said}个月")
    measure = Measure(value=100 * name, unit="%")
    return Score(
        value=score.value,
        verdict=score.verdict,
        extracted=score.extracted,
        reason=score.reason,
        measures={**score.measures, "normalised log-distance": measure},
    )


def amount(sample: Sample, answer: Answer) -> Score:
    """3-7: right when the sum is any of the numbers in it."""
    text = str(sample.target).removeprefix("上文涉及到的犯罪金额:").removesuffix("元。")
    numbers = [float(one) for one in _NUMBER.findall(answer.text)]
    if not numbers:
        return _abstained("it names no number")
    right = float(text) in numbers
    return _decided(right, text if right else f"{numbers[-1]:g}")


def characters(sample: Sample, answer: Answer) -> Score:
    """2-5: F1 of characters."""
    wanted = str(sample.target).replace("回答:", "")
    return _graded(character_f1(wanted, answer.text), answer.text)


def triggers(sample: Sample, answer: Answer) -> Score:
    """2-10: F1 of words, each as alike as its characters to the word in the same place."""
    wanted, said = str(sample.target).split(";"), answer.text.split(";")
    common = sum(character_f1(one, other) for one, other in zip(wanted, said, strict=False))
    return _graded(_soft(common, len(said), len(wanted)), answer.text)


def entities(sample: Sample, answer: Answer) -> Score:
    """2-6: F1 of entities by their kind, each as alike as its characters."""
    text = str(sample.target).strip()
    pairs = [one.split(":", 2) for one in text.split(";")] if text else []
    wanted = {pair[0]: pair[1] for pair in pairs}
    said = dict(_entities(answer.text))
    if not wanted:
        return _graded(float(not said), ";".join(said))
    common = sum(character_f1(wanted[kind], one) for kind, one in said.items() if kind in wanted)
    if not said:
        return _abstained("it names no entity")
    return _graded(
        _soft(common, len(said), len(wanted)),
        ";".join(f"{kind}:{one}" for kind, one in sorted(said.items())),
    )


def _entities(text: str) -> Iterator[tuple[str, str]]:
    """Kinds and entities; the last of a kind counts, so they are looked at from the end."""
    for kind in _ENTITIES:
        places = [found.end() for found in re.finditer(kind, text)]
        for place in reversed(places):
            value = _ENTITY.match(text, place) if place < len(text) - 2 else None
            if value and value[1].strip() not in ("无", "未提及"):
                yield kind, value[1].strip()
                break


def _soft(common: float, said: int, wanted: int) -> float:
    precision, recall = common / said, common / wanted
    return 2 * precision * recall / (precision + recall + 1e-10)


def character_f1(wanted: str, said: str) -> float:
    """F1 of the letters and digits of two texts, in any case, as CAIL 2021 counts it."""
    one, other = (
        Counter(char for char in text.lower() if char.isdigit() or char.isalpha())
        for text in (wanted, said)
    )
    if not one or not other:
        return float(one == other)
    return 2 * sum((one & other).values()) / (sum(one.values()) + sum(other.values()))


def correction(sample: Sample, answer: Answer) -> Score:
    """2-1: F0.5 of the edits of characters. The measure weighs rows so that its mean is that of
    all edits together. The authors align with ChERRANT, which knows what characters sound and look
    like; here each difference that difflib finds is an edit, cut at the same length."""
    origin = _line(str(sample.fields["question"]).removeprefix("句子：\n"))
    wanted = re.sub(r"[\n\t]", "", str(sample.target))
    said = re.sub(r"[\n\t]", "", answer.text)[: len(wanted) + 5] or "无内容"
    ours, theirs = edits(origin, said), edits(origin, wanted)
    common = len(set(ours) & set(theirs))
    whole = 0.25 * len(theirs) + len(ours)
    value = 1.25 * common / whole if whole else 1.0
    measures = {"F0.5": Measure(value=100 * value, unit="%", weight=whole)} if whole else {}
    return _graded(value, said, **measures)


def _line(text: str) -> str:
    return text.split("\n", 1)[0].replace("\t", "")


def edits(origin: str, text: str) -> Sequence[tuple[int, int, str]]:
    """Begin, end and replacement of each difference."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, origin, text, autojunk=False)
    return [
        (begin, end, text[first:last])
        for kind, begin, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _graded(value: float, extracted: str, **measures: Measure) -> Score:
    return Score(
        value=min(1.0, value),
        verdict=Verdict.GRADED,
        extracted=extracted,
        measures={ABSTAINED: _share(0.0), **measures},
    )


def _decided(right: bool, extracted: str) -> Score:
    return Score(
        value=float(right),
        verdict=Verdict.RIGHT if right else Verdict.WRONG,
        extracted=extracted,
        measures={ABSTAINED: _share(0.0)},
    )


def _abstained(why: str) -> Score:
    measures = {ABSTAINED: _share(1.0)}
    return Score(value=0.0, verdict=Verdict.UNPARSED, reason=why, measures=measures)


def _share(value: float) -> Measure:
    return Measure(value=100 * value, unit="%", better="down")
