"""Answers as models write them, and what the authors' rules make of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.api import Answer, DataError, Sample, Score, Verdict, open_dataset
from aisbench_plugin_exams_zh import gaokao, law

DATA = Path(__file__).parent / "data"


def by_part(name: str) -> dict[str, Sample]:
    samples = open_dataset(name, {"path": str(DATA / name)}).samples()
    return {one.part: one for one in samples}


LAW, GAOKAO = by_part("lawbench"), by_part("gaokao-bench")


def test_rows_that_the_authors_do_not_count() -> None:
    assert len(LAW) == 20
    samples = open_dataset("lawbench", {"path": str(DATA / "lawbench")}).samples()
    assert len(samples) == 20, "one of 2-2 and one of 3-4 are left out"
    assert LAW["1-1"].target == "凡人皆可制定虚构的法条。"


@pytest.mark.parametrize(
    ("rule", "part", "text", "value"),
    [
        (law.choice, "1-2", "[正确答案]B<eoa>", 1),
        (law.choice, "1-2", "B，因为A不对", 0),
        (law.choice, "3-6", "正确答案:C。", 1),
        (law.choice, "2-8", "[正确答案]E<eoa>", 0),
        (law.choice, "2-2", "[争议焦点]租金情况<eoa>", 1),
        (law.choice, "2-4", "劳动纠纷", 1),
        (law.options, "2-3", "类别:准予离婚", 2 / 3),
        (law.options, "2-9", "支付/给付；伪造", 1),
        (law.options, "3-3", "[罪名]盗窃;抢劫<eoa>", 1 / 2),
        (law.characters, "2-5", "21万元。", 1),
        (law.entities, "2-6", "受害人:严某某\n被盗物品：手机\n地点:无", 1),
        (law.entities, "2-6", "受害人:严某某\n时间:昨天", 1 / 2),
        (law.triggers, "2-10", "查扣;退还", 3 / 4),
        (law.articles, "3-1", "刑法第二百六十四条、第266条", 1),
        (law.articles, "3-1", "刑法第二百六十四条、第266条第一款", 2 / 3),  # 第 ... 款 goes first
        (law.articles, "3-1", "[法条]刑法第264条<eoa>", 2 / 3),
        (law.term, "3-4", "[刑期]4个月<eoa>", 1),
        (law.term, "3-5", "有期徒刑一年", 1),
        (law.amount, "3-7", "共8500元", 1),
        (law.amount, "3-7", "共8,500元", 0),
        (law.correction, "2-1", "上述证据内容客观。", 1),
        (law.correction, "2-1", "上诉证据内容客观。", 0),
    ],
)
def test_lawbench(
    rule: Callable[[Sample, Answer], Score], part: str, text: str, value: float
) -> None:
    score = rule(LAW[part], Answer.of(text))
    assert score.value == pytest.approx(value)
    assert rule(LAW[part], Answer.of("")).value == 0


def test_terms_of_centuries() -> None:
    score = law.term(LAW["3-4"], Answer.of("99999个月"))
    assert score.value == 0
    assert score.measures["normalised log-distance"].value < 0


CLOZE, READING = "2012-2022_English_Cloze_Test", "2010-2022_English_Reading_Comp"
PHYSICS, BIOLOGY = "2010-2022_Physics_MCQs", "2010-2022_Biology_MCQs"


@pytest.mark.parametrize(
    ("part", "text", "said", "share"),
    [
        (BIOLOGY, "【解析】A不对 <eoe>\n【答案】 B <eoa>", "B", 1),
        (BIOLOGY, "选C", "C", 0),
        (PHYSICS, "【解析】C错 <eoe>【答案】 A B D <eoa>", "ABD", 1),
        (PHYSICS, "【解析】略【答案】AB<eoa>", "AB", 0.5),
        (PHYSICS, "【解析】略【答案】AC<eoa>", "AC", 0),
        (PHYSICS, "所以选 A、B、D", "ABD", 1),
        (
            READING,
            "（1）【答案】 B <eoa>\n（2）【答案】：C <eoa>\n（3）【答案】A<eoa>",
            "B C A",
            1,
        ),
        (READING, "B C D", "B C D", 2 / 3),
        (READING, "（1）【答案】 B <eoa>", "B", 0),
        (CLOZE, "【答案】 C F A E D <eoa>", "C F A E D", 1),
        (CLOZE, "【答案】 C F A D E <eoa>", "C F A D E", 3 / 5),
    ],
)
def test_gaokao(part: str, text: str, said: str, share: float) -> None:
    score = gaokao.score(GAOKAO[part], Answer.of(text))
    assert score.extracted == said
    assert score.value == pytest.approx(share)
    assert score.measures["points"].value == pytest.approx(100 * share)


def test_points_weigh_as_in_the_exam() -> None:
    assert gaokao.score(GAOKAO[PHYSICS], Answer.of("D")).measures["points"].weight == 6
    assert gaokao.score(GAOKAO[CLOZE], Answer.of("D")).measures["points"].weight == 10
    none = gaokao.score(GAOKAO[BIOLOGY], Answer.of("不知道"))
    assert none.verdict is Verdict.UNPARSED


def test_a_row_without_answers(tmp_path: Path) -> None:
    (tmp_path / f"{BIOLOGY}.json").write_text('{"example": [{"question": "q", "answer": "A"}]}')
    with pytest.raises(DataError, match="has no list of answers"):
        settings = {"path": str(tmp_path), "parts": [BIOLOGY]}
        open_dataset("gaokao-bench", settings).samples()


@pytest.mark.not_quick
@pytest.mark.parametrize("unit", ["百", "第", "1", "受害人:", "【答案】 ", "十万", "零点", "A"])
def test_any_text_ends_soon(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    for rule, part in (
        (law.articles, "3-1"), (law.term, "3-4"), (law.entities, "2-6"), (law.amount, "3-7"),
        (law.correction, "2-1"), (law.options, "3-3"),
    ):  # fmt: skip
        rule(LAW[part], Answer.of(text))
    for part in GAOKAO:
        gaokao.score(GAOKAO[part], Answer.of(text))
