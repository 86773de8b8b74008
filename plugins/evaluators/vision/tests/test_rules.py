"""Each published rule, on cases that follow from its formula."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import Answer, DataError, Evaluator, Sample, Score, Verdict
from aisbench_plugin_vision.anls import Anls, AnlsSettings
from aisbench_plugin_vision.box_iou import BoxIou, BoxIouSettings
from aisbench_plugin_vision.contains import Contains, ContainsSettings
from aisbench_plugin_vision.relaxed import RelaxedAccuracy, RelaxedSettings
from aisbench_plugin_vision.vqa_soft import VqaSoft, VqaSoftSettings
from aisbench_plugin_vision.vqa_words import normalised

BOX = [20, 30, 120, 150]  # of a picture of 320 x 240


def _score(evaluator: Evaluator, target: Any, said: str, **fields: Any) -> Score:
    return evaluator.score(Sample(id="a", target=target, fields=fields), Answer.of(said))


def _box(said: str, target: Any = BOX, **settings: Any) -> Score:
    return _score(BoxIou(BoxIouSettings(**settings)), target, said, width=320, height=240)


@pytest.mark.parametrize(
    ("same", "value"), [(0, 0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1), (9, 1), (10, 1)]
)
def test_each_annotator_is_left_out_in_turn(same: int, value: float) -> None:
    wanted = ["red"] * same + [f"other {n}" for n in range(10 - same)]
    score = _score(VqaSoft(VqaSoftSettings()), wanted, "Red.")
    assert score.value == pytest.approx(value)
    assert score.measures["any annotator"].value == 100 * bool(same)


@pytest.mark.parametrize(
    ("text", "mmf", "vlmevalkit", "official"),
    [
        ("3.", "3", "3.", "3"),
        ("yes,no", "yesno", "yes no", "yes no"),
        ("king's cross", "king 's cross", "king's cross", "king's cross"),
        ("The 1,000 dogs!", "1000 dogs", "1000 dogs", "1000 dogs"),
        ("two a-b", "2 b", "2 b", "2 b"),
        ("couldntve dont", *["couldntve don't"] * 3),
    ],
)
def test_normalisations_differ_where_they_are_known_to(
    text: str, mmf: str, vlmevalkit: str, official: str
) -> None:
    assert normalised(text, "mmf") == mmf
    assert normalised(text, "vlmevalkit") == vlmevalkit
    assert normalised(text, "official") == official


def test_the_official_code_leaves_references_as_they_are() -> None:
    for dialect, value in (("official", 0.0), ("mmf", 1.0)):
        evaluator = VqaSoft(VqaSoftSettings(dialect=dialect))  # type: ignore[arg-type]
        assert _score(evaluator, ["Two"] * 10, "Two").value == value


def test_few_annotators_are_refused_beforehand() -> None:
    with pytest.raises(DataError, match="has 3 annotators' answers, and vqa-soft needs 4"):
        VqaSoft(VqaSoftSettings()).check(Sample(id="a", target=["x", "x", "x"]))


@pytest.mark.parametrize(
    ("dialect", "said", "value"),
    [
        ("raw-length", "ab", 0.5),
        ("strict", "ab", 0.0),
        ("raw-length", "ab  c", 0.8),  # "ab c" and "abcd": 2 of 5 letters as written, not of 4
        ("normalised", "ab   c", 0.5),
        ("raw-length", "ABCD", 1.0),
        ("raw-length", "a", 0.0),
    ],
)
def test_anls_divides_and_cuts_as_its_dialect_does(dialect: Any, said: str, value: float) -> None:
    evaluator = Anls(AnlsSettings(dialect=dialect))
    if said == "ab  c":
        value = 1 - 2 / 5
    assert _score(evaluator, ["abcd"], said).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("wanted", "said", "right", "plain"),
    [
        ("100", "105", True, True),
        ("100", "105.1", False, False),
        ("62", "62%", False, True),
        ("0.03", "3%", True, False),
        ("2014", "2013", True, False),
        ("977633", "977,633", False, True),
        ("0", "0.0", False, True),
        ("-5", "-5.1", True, True),
        ("Yes", "yes", True, True),
        ("Yes", "yes.", False, True),
        ("nan", "NaN", False, False),
    ],
)
def test_relaxed_keeps_to_the_published_rule_and_tells_of_it(
    wanted: str, said: str, right: bool, plain: bool
) -> None:
    score = _score(RelaxedAccuracy(RelaxedSettings()), wanted, said)
    assert (score.value, score.readings["plain"].value) == (right, plain)
    assert bool(score.reason) == (right != plain)


def test_blanks_around_a_chart_answer_count_for_those_who_say_so() -> None:
    said = " blue\n"
    assert _score(RelaxedAccuracy(RelaxedSettings()), "Blue", said).value == 1
    assert _score(RelaxedAccuracy(RelaxedSettings(strip=False)), "Blue", said).value == 0


def test_contains() -> None:
    plain = Contains(ContainsSettings())
    assert _score(plain, "4", "14 of them").value == 1
    assert _score(plain, "4", "14 of them").readings["whole words"].value == 0
    assert "longer word or number" in _score(plain, "4", "14 of them").reason
    assert _score(plain, ["no", "Main\nStreet"], "on MAIN STREET").value == 1
    formula = Contains(ContainsSettings(case=True, blanks=False))
    assert _score(formula, "x ^ 2", "$x^2$").value == 1
    assert _score(formula, "X ^ 2", "$x^2$").value == 0
    wide = "\uff21\uff22"
    assert _score(plain, "AB", wide).value == 0
    assert _score(Contains(ContainsSettings(width=False)), "AB", wide).value == 1


@pytest.mark.parametrize(
    "said",
    [
        "[0.0625, 0.125, 0.375, 0.625]",
        "(0.0625,0.125),(0.375,0.625)",
        "It is [62, 125, 375, 625].",
        '```json\n[{"bbox_2d": [62, 125, 375, 625], "label": "x"}]\n```',
        '{"box_2d": [125, 62, 625, 375]}',
        "<ref>x</ref><box>[[62, 125, 375, 625]]</box>",
        "<box>(62,125),(375,625)</box>",
        "<|det|>[[62, 125, 375, 624]]<|/det|>",
        "[[62, 125], [375, 625]]",
        '["62", "125", "375", "625"]',
        "[6.2%, 12.5%, 37.5%, 62.5%]",
        "[20px, 30px, 120px, 150px]",
        '{"x1": 0.0625, "y1": 0.125, "x2": 0.375, "y2": 0.625}',
        "x_min=0.0625 y_min=0.125 x_max=0.375 y_max=0.625",
        '{"x": "20px", "y": "30px", "width": "100px", "height": "120px"}',
        "<loc0128><loc0064><loc0640><loc0384> cat",
        "<loc_62><loc_125><loc_375><loc_625>",
        "0.0625 0.125 0.375 0.625",
        "The box:\n0.0625, 0.125, 0.375, 0.625.",
        "[0.375, 0.625, 0.0625, 0.125]",
        "Top-left: (62, 125), bottom-right: (375, 625)",
        "from (62, 125) to the lower right corner at (375, 625)",
        "坐标为【６２，１２５，375，625】",
    ],
)
def test_boxes_are_read_in_every_form(said: str) -> None:
    score = _box(said)
    assert score.verdict is Verdict.RIGHT, score.reason
    assert score.measures["IoU"].value > 98


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("no box", "no box is in it"),
        ("[1, 2, 3]", "no box is in it"),
        ("[1, 2, 3, 4, 5]", "no box is in it"),
        ("[nan, 0.1, 0.2, 0.3]", "a box of it is not of numbers"),
        ("[1e999, 0.1, 0.2, 0.3]", "a box of it is not of numbers"),
        ("[2000, 3000, 4000, 5000]", "fits neither the picture nor a scale"),
        ("[20, 30, 120, 150]", "may be of 0 to 1000 and pixels"),
    ],
)
def test_what_is_no_box_or_means_nothing_is_unparsed(said: str, why: str) -> None:
    score = _box(said)
    assert score.verdict is Verdict.UNPARSED
    assert why in score.reason


def test_settings_say_what_numbers_mean() -> None:
    assert _box("[20, 30, 120, 150]", scale="pixels").value == 1
    assert _box("[20, 30, 100, 120]", scale="pixels", order="xywh").value == 1
    assert _box("[70, 90, 100, 120]", scale="pixels", order="cxcywh").value == 1
    assert _box("[125, 62, 625, 375]", scale="1000", order="yxyx").value == 1
    assert _box("[62, 125, 375, 625]", scale="pixels").value == 0
    assert _box("[20, 30, 120, 150]", [20, 30, 100, 120], scale="pixels", reference="xywh").value
    # Half counts, and a box of no area covers nothing.
    assert _box("[20, 30, 70, 150]", scale="pixels").value == 1
    assert _box("[20, 30, 69, 150]", scale="pixels").value == 0
    assert _box("[20, 30, 69, 150]", scale="pixels", threshold=0.4).value == 1
    assert _box("[20, 30, 20, 30]", scale="pixels").verdict is Verdict.WRONG
    # Wrong in every scale is wrong, whatever was meant.
    assert _box("[200, 10, 210, 20]").verdict is Verdict.WRONG


def test_of_several_boxes_one_counts() -> None:
    said = "[0, 0, 5, 5], or [20, 30, 120, 150]"
    first = _box(said, scale="pixels")
    assert (first.value, first.readings["best box"].value) == (0, 1)
    assert "2 boxes, of which the first counts" in first.reason
    assert _box(said, scale="pixels", several="last").value == 1
    assert _box(said, scale="pixels", several="none").verdict is Verdict.UNPARSED
    assert _box("[20, 30, 120, 150] " * 2, scale="pixels", several="none").value == 1


@pytest.mark.parametrize(
    ("target", "fields", "why"),
    [
        (None, {"width": 1, "height": 1}, "has no box"),
        ([1, 2, 3], {"width": 1, "height": 1}, "has no box"),
        ([5, 5, 1, 9], {"width": 1, "height": 1}, "has no box"),
        (BOX, {"width": 320}, "does not say how large its picture is: fields width and height"),
    ],
)
def test_rows_that_cannot_be_scored_are_told_beforehand(
    target: Any, fields: dict[str, Any], why: str
) -> None:
    with pytest.raises(DataError, match=why):
        BoxIou(BoxIouSettings()).check(Sample(id="a", target=target, fields=fields))
