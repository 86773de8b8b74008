"""MATH-500 beside math-verify, and the kinds of answers on which the two differ on purpose."""

from __future__ import annotations

import random

from reference import reference
from report import DATA, Report, answered

from aisbench.api import Sample, open_dataset

BY = "math-verify 0.9.0"
DIFFERENCES: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "it rounds to six decimals, whatever the size: small numbers are all equal": (
        ("\\frac{1}{3^{70}}", "\\frac{1}{3^{69}}", False),
        ("0.00000012", "0.00000034", False),
        ("0.00000012", "1.2e-7", True),
        ("\\pi", "3.14159", True),
    ),
    "it reads a mixed number outside of LaTeX as its last part": (
        ("\\frac{11}{4}", "2 3/4", True),
        ("\\frac{7}{4}", "1 3/4", True),
    ),
    "it drops bases; a base belongs to the answer": (
        ("2516_8", "2516_9", False),
        ("2516_8", "2516", False),
        ("1011_2", "1011_3", False),
        ("2516_8", "2516 \\text{ base } 8", True),
        ("2516_8", "2516_{\\text{eight}}", True),
    ),
    "it drops units, though they say which quantity is meant": (
        ("5\\text{ cm}", "5\\text{ m}", False),
        ("5\\text{ cm}", "50\\text{ mm}", True),
        ("864 \\mbox{ inches}^2", "864 \\text{ cm}^2", False),
        ("45\\text{ mph}", "45 \\text{ km/h}", False),
        ("5.4 \\text{ cents}", "\\$5.4", False),
        ("\\$18.90", "1890 \\text{ cents}", True),
        ("100^{\\circ}\\text{C}", "100^{\\circ}\\text{F}", False),
    ),
    "it takes degrees for bare numbers": (
        ("90^\\circ", "\\frac{\\pi}{2}", True),
        ("\\sin 120^\\circ", "\\frac{\\sqrt{3}}{2}", True),
    ),
    "it reads a time of day as a quotient": (
        ("0.1", "3:30", False),
        ("4:30 \\text{ p.m.}", "4:30 \\text{ a.m.}", False),
        ("4:30", "4:30 \\text{ p.m.}", True),
    ),
    "it compares no condition with an interval, unless the reference is the condition": (
        ("[-2,7]", "-2 \\le x \\le 7", True),
        ("(-\\infty,2)\\cup(3,\\infty)", "x<2 \\text{ or } x>3", True),
        ("(-\\infty,3)\\cup(3,\\infty)", "x \\ne 3", True),
        ("(-3,3)", "|x| < 3", True),
        ("[0,1)", "\\{x \\mid 0 \\le x < 1\\}", True),
        ("(1,3) \\cup (5,7)", "(1,3) \\text{ or } (5,7)", True),
        ("\\mathbb{R}", "\\text{all real numbers}", True),
    ),
    "it does not read repeating decimals": (
        ("\\frac{1}{3}", "0.\\overline{3}", True),
        ("\\frac{1}{6}", "0.1\\dot{6}", True),
        ("\\frac{41}{99}", "0.414141...", True),
    ),
    "it does not read numbers with thin spaces, a full stop, other digits": (
        ("1000", "1\\,000", True),
        ("12345", "12 345", True),
        ("5", "5.", True),
        ("3", "３", True),
        ("\\frac{1}{2}", "½", True),
        ("1000000", "1 \\text{ million}", True),
    ),
    "it calls a list in another order or a set a tuple": (
        ("(1,2)", "\\{1,2\\}", False),
        ("(3,5)", "y=5,\\ x=3", True),
        ("\\begin{pmatrix} -18 \\\\ -49 \\\\ 96 \\end{pmatrix}", "(-18,-49,96)", True),
        ("\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "\\langle 1,2 \\rangle", True),
    ),
    "it does not know that words mean sets and numbers": (
        ("\\emptyset", "\\varnothing", True),
        ("\\emptyset", "\\text{no solution}", True),
        ("\\text{DNE}", "\\text{does not exist}", True),
        ("6,8", "\\text{6 and 8}", True),
        ("\\text{B, E, G}", "G, B, E", True),
        ("3", "\\text{three}", True),
    ),
    "it compares complex numbers as they are written": (
        ("-1", "e^{i\\pi}", True),
        ("i", "\\sqrt{-1}", True),
        ("1+i", "\\sqrt{2}e^{i\\pi/4}", True),
    ),
    "it believes the last part of what is no statement": (
        ("5", "2+2=5", False),
        ("5", "2x=5", False),
        ("5", "5 \\text{ or more}", False),
        ("\\frac{1}{3}", "\\frac{1}{3} \\approx 0.5", False),
    ),
    "it takes capital letters of variables for small ones": (("3R^2", "3r^2", False),),
}
"""Causes, with a reference, what is in the box, and whether it is right."""


def math500() -> bool:
    """Both parts."""
    same = _published()
    return _on_purpose() and same


def _published() -> bool:
    from aisbench_plugin_math.evaluator import MathEvaluator
    from aisbench_plugin_math.settings import MathSettings

    draw = random.Random(2)
    samples = open_dataset("math500", {"path": str(DATA / "math500")}).samples()
    forms = (
        "So the answer is $\\boxed{{{}}}$.",
        "\\boxed{{{}}}",
        "Therefore the final answer is ${}$. I hope it is correct.",
        "The answer is \\({}\\).",
        "After some work we get \\[\\boxed{{{}}}.\\]",
        "**Answer:** ${}$",
    )
    rows, whose = [], []
    for sample in samples:
        wrong = str(draw.choice(samples).target)
        for answer in (str(sample.target), wrong):
            rows.append({"target": sample.target, "text": draw.choice(forms).format(answer)})
            whose.append(sample)
    theirs = reference("math_verify", "math_verify_scores.py", rows)
    evaluator = MathEvaluator(MathSettings())
    report = Report("math500", BY)
    for sample, row, other in zip(whose, rows, theirs, strict=True):
        score = evaluator.score(sample, answered(row["text"]))
        report.add(
            score.value == 1, other["right"],
            f"{sample.id}: {row['target']}, {row['text']!r} ({other['why']}; {score.extracted})",
        )  # fmt: skip
    return report.end()


def _on_purpose() -> bool:
    from aisbench_plugin_math.evaluator import MathEvaluator
    from aisbench_plugin_math.settings import MathSettings

    rows = [
        {"target": target, "text": f"The answer is $\\boxed{{{inside}}}$."}
        for kinds in DIFFERENCES.values()
        for target, inside, _ in kinds
    ]
    theirs = iter(reference("math_verify", "math_verify_scores.py", rows))
    evaluator = MathEvaluator(MathSettings())
    report = Report("mathematics, kinds that differ on purpose", BY)
    for cause, kinds in DIFFERENCES.items():
        for target, inside, right in kinds:
            other = next(theirs)
            text = f"The answer is $\\boxed{{{inside}}}$."
            ours = evaluator.score(Sample(id="", target=target), answered(text)).value == 1
            report.add(
                ours,
                other["right"],
                f"{target}, {inside}: {'right' if right else 'not right'}",
                cause if ours == right else "",
            )
    return report.end()
