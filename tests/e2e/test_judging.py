"""A model judged by another: asked after the answers, kept, resumed, compared."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from live import ROOT, Project, simulator

MTBENCH = ROOT / "plugins" / "datasets" / "mtbench" / "tests" / "data"
RATED = [{"question": "Say [[5]] or the like.", "answer": "[[8]]"}]

SUITE = """
[suite]
name = "judged"
abort_after = 1000
[models.ours]
backend = "vllm-chat"
url = "{tested}"
[models.critic]
backend = "vllm-chat"
url = "{judge}"
role = "judge"
retry = {{ attempts = 1 }}
{more}
[datasets.d]
{table}
"""


def write(
    project: Project, tested: str, judge: str, table: str, more: str = "", name: str = "s.toml"
) -> None:
    text = SUITE.format(tested=tested, judge=judge, table=table, more=more)
    project.write(name, text)


def answers(project: Project, rows: Sequence[dict[str, str]]) -> str:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    return str(project.write("answers.jsonl", text))


def values(project: Project, dataset: str = "d") -> dict[tuple[str, str], float]:
    document = project.result("judged", "ours", dataset)
    return {(one["name"], one["part"]): one["value"] for one in document["figures"]}


def test_mtbench(project: Project) -> None:
    table = f'dataset = "mtbench"\npath = "{MTBENCH}"\nevaluation = {{ judge = "critic" }}'
    with simulator() as tested, simulator("--answers", answers(project, RATED)) as judge:
        write(project, tested.url, judge.url, table)
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
        asked = sum(judge.stats()["requests"]["/v1/chat/completions"].values())
    assert asked == 6  # three questions of two turns
    found = values(project)
    assert found["rating", ""] == 8
    assert found["rating of turn 2", "math"] == 8
    assert found["unreadable judgements", ""] == 0
    # The second turn holds the model's own first answer.
    rows = sorted(
        project.rows("judged", "ours", "d"), key=lambda row: (row["sample"], row["turn"])
    )
    first, second = rows[0], rows[1]
    history = [turn["content"] for turn in second["prompt"]["messages"]]
    assert history[1] == first["response"]["text"]
    assert [turn["role"] for turn in second["prompt"]["messages"]] == ["user", "assistant", "user"]
    judged = (project.last_run("judged") / "judgements" / "ours" / "d.jsonl").read_text()
    sent = [json.loads(line) for line in judged.splitlines()]
    math = next(row for row in sent if row["sample"] == "2#0#0" and row["turn"] == 1)
    assert "reference 14" in math["prompt"]["messages"][-1]["content"]
    assert math["prompt"]["messages"][0] == {
        "role": "system",
        "content": "Judge single-math-v1-multi-turn.",
    }
    # Scored again without the judge.
    again = project.run(
        "evaluate", str(project.last_run("judged")), "--set", "datasets.d.evaluation.high=9"
    )
    assert again.code == 0, again.out + again.err


def test_a_judge_that_fails_is_asked_again(project: Project) -> None:
    """A judgement that failed is a failed answer, never a wrong one; resume sends it again."""
    table = f'dataset = "mtbench"\npath = "{MTBENCH}"\nevaluation = {{ judge = "critic" }}'
    book = answers(project, RATED)
    with simulator() as tested:
        with simulator("--answers", book, "--fail", "500:0.3:sticky", "--seed", "5") as judge:
            write(project, tested.url, judge.url, table)
            first = project.run("run", "s.toml")
        assert first.code != 0
        counts = project.result("judged", "ours", "d")["counts"]
        assert 0 < counts["failed"] < 3
        before = tested.stats()["requests"]["/v1/chat/completions"]
        with simulator("--answers", book) as judge:
            second = project.run(
                "run", "--resume", str(project.last_run("judged")),
                "--set", f"models.critic.url={judge.url}",
            )  # fmt: skip
        assert second.code == 0, second.out + second.err
        # The answers were there already.
        assert tested.stats()["requests"]["/v1/chat/completions"] == before
    assert "failed requests sent again" in second.out
    assert project.result("judged", "ours", "d")["counts"]["failed"] == 0
    assert values(project)["rating", ""] == 8


def test_a_judge_can_go_on_when_the_tested_server_is_gone(project: Project) -> None:
    table = f'dataset = "mtbench"\npath = "{MTBENCH}"\nevaluation = {{ judge = "critic" }}'
    book = answers(project, RATED)
    with simulator() as tested, simulator("--answers", book, "--fail", "500:1") as judge:
        write(project, tested.url, judge.url, table)
        assert project.run("run", "s.toml").code != 0
    again = ("run", "--resume", str(project.last_run("judged")))
    both = project.run(*again)
    assert both.code != 0
    assert "models.critic" in both.err
    with simulator("--answers", book) as judge:
        done = project.run(*again, "--set", f"models.critic.url={judge.url}")
    assert done.code == 0, done.out + done.err
    assert "nothing is left to ask it" in done.err
    assert values(project)["rating", ""] == 8
    # Where something is left to ask, the server that is gone is an error as ever.
    more = project.run(*again, "--set", "models.ours.temperature=0.5")
    assert more.code != 0


QUESTIONS = [{"question": f"How much is {n} and {n}?", "answer": str(2 * n)} for n in range(12)]


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_pairwise_in_both_orders(project: Project, side: str) -> None:
    """A judge that always names the first place says nothing; its wins are ties."""
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in QUESTIONS))
    book = answers(project, [{"question": "Who is better?", "answer": "[[A]]"}])
    with (
        simulator() as tested,
        simulator("--seed", "9") as rival,
        simulator("--answers", book) as j,
    ):
        more = f'[models.theirs]\nbackend = "vllm-chat"\nurl = "{rival.url}"\n'
        other = "theirs" if side == "ours" else "ours"
        table = (
            'dataset = "custom"\npath = "rows.jsonl"\nevaluator = "judge-pairwise"\n'
            'metrics = ["measures"]\n'
            f'evaluation = {{ judge = "critic", against = "{other}", '
            'prompt = "{answer_a} {answer_b} Who is better?" }'
        )
        write(project, tested.url, j.url, table, more)
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    document = project.result("judged", side, "d")
    found = {one["name"]: one["value"] for one in document["figures"]}
    assert found["win rate"] == 50
    assert found["agreement of both orders"] == 0
    assert document["counts"]["graded"] == 12


def test_verdicts_of_a_judge(project: Project) -> None:
    project.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in QUESTIONS))
    book = answers(project, [{"question": "Is it?", "answer": "[[RIGHT]]"}])
    with simulator() as tested, simulator("--answers", book) as judge:
        table = (
            'dataset = "custom"\npath = "rows.jsonl"\nevaluator = "judge-verdict"\n'
            'metrics = ["accuracy", "measures"]\n'
            'evaluation = { judge = "critic", judgements = 3, '
            'prompt = "{question} {reference} {answer} Is it?" }'
        )
        write(project, tested.url, judge.url, table)
        done = project.run("run", "s.toml")
        assert sum(judge.stats()["requests"]["/v1/chat/completions"].values()) == 36
    assert done.code == 0, done.out + done.err
    found = values(project)
    assert found["accuracy", ""] == 100
    assert found["agreement of judgements", ""] == 100


@pytest.mark.parametrize(
    ("evaluation", "more", "message"),
    [
        ('{ judge = "crtic" }', "", "there is no [models.crtic]"),
        ('{ judge = "ours" }', "", "is judge, and no evaluator names it"),
        ('{ judge = "critic", pattern = "x" }', "", "must have a group"),
        ("{}", "", "judge: is missing"),
        ('{ judge = "critic" }\npostprocess = ["strip"]', "", "postprocess: has no effect"),
    ],
)
def test_suites_that_cannot_be_judged(
    project: Project, evaluation: str, more: str, message: str
) -> None:
    table = f'dataset = "mtbench"\npath = "{MTBENCH}"\nevaluation = {evaluation}'
    write(project, "http://127.0.0.1:1", "http://127.0.0.1:1", table, more)
    done = project.run("validate", "s.toml")
    assert done.code == 2
    assert message in done.err


def test_a_rival_must_answer_the_set(project: Project) -> None:
    table = (
        f'dataset = "mtbench"\npath = "{MTBENCH}"\nevaluator = "judge-pairwise"\n'
        'evaluation = { judge = "critic", against = "critic" }'
    )
    write(project, "http://127.0.0.1:1", "http://127.0.0.1:1", table)
    done = project.run("validate", "s.toml")
    assert done.code == 2
    assert "'critic' does not answer d" in done.err
