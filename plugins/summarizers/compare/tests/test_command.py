"""``aisbench compare`` on runs that lie on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

import aisbench
from aisbench_plugin_compare.command import main

ROWS = 12


def answers(right: Sequence[int], targets: Sequence[str]) -> list[dict[str, object]]:
    return [
        {"row": i, "text": f"I think so. #### {target if i in right else '-1'}"}
        for i, target in enumerate(targets)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a run of answers to gsm8k-demo; those of one name and content are made once."""
    folder = tmp_path_factory.mktemp("runs")
    known: dict[str, Path] = {}
    targets: list[str] = []

    def make(
        suite: str,
        models: Mapping[str, Sequence[int]],
        settings: Mapping[str, object] | None = None,
    ) -> Path:
        key = json.dumps([suite, {name: [*right] for name, right in models.items()}, settings])
        if key not in known:
            rows = [
                {**row, "model": model}
                for model, right in models.items()
                for row in answers(right, targets or ["0"] * ROWS)
            ]
            file = folder / "answers.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
            run = aisbench.score(
                "gsm8k-demo", file, output=folder / suite,
                settings={"limit": ROWS, **(settings or {})},
            )  # fmt: skip
            known[key] = run.path
        return known[key]

    first = aisbench.load_run(make("first", {"m": []}))
    targets += [str(one.sample.target) for one in first.samples()]
    return make


@pytest.fixture(scope="module")
def old(made: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = made("old", {"m": [0, 1, 2]})
    return Path(shutil.copytree(run, tmp_path_factory.mktemp("a") / "old" / "1"))


@pytest.fixture(scope="module")
def new(made: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = made("new", {"m": range(9)})
    return Path(shutil.copytree(run, tmp_path_factory.mktemp("b") / "new" / "1"))


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Said:
    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(one) for one in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_two_runs(say: Said, old: Path, new: Path, tmp_path: Path) -> None:
    code, out, _ = say(
        old, new, "--flips", 1, "--json", tmp_path / "c.json", "--markdown", tmp_path / "c.md",
        "--flips-to", tmp_path / "sub" / "f.jsonl",
    )  # fmt: skip
    assert code == 0
    assert "new against old" in out
    assert "12 questions paired by content" in out
    assert "gsm8k-demo.accuracy: new is better: 25.00 % -> 75.00 %" in out
    assert "6 score higher for new, 0 higher for old, 6 the same" in out
    assert out.index("What differs") < out.index("Verdict")
    found = json.loads((tmp_path / "c.json").read_text("utf-8"))
    (task,) = found["comparisons"][0]["datasets"]
    assert task["figures"][0]["change"] == 50
    assert (found["schema"], found["version"], found["passed"]) == ("aisbench-compare", 1, True)
    rows = [json.loads(line) for line in (tmp_path / "sub" / "f.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [f"test-{i}" for i in range(3, 9)]
    assert rows[0]["left"]["text"] == "I think so. #### -1"
    assert (rows[0]["right"]["outcome"], rows[0]["right"]["value"]) == ("right", 1)
    text = (tmp_path / "c.md").read_text("utf-8")
    assert "| gsm8k-demo.accuracy | 25.00 % | 75.00 % |" in text
    assert text.count("<details>") == text.count("</details>") == 1


def test_gates_decide_the_exit_code(say: Said, old: Path, new: Path, tmp_path: Path) -> None:
    code, out, _ = say(
        new, "--fail-if", "gsm8k-demo.accuracy drops > 1pp", old, "--junit", tmp_path / "j.xml"
    )
    assert code == 1
    assert "Gates: 1 of 1 failed" in out
    root = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("1", "1")
    assert say(old, new, "--fail-if", "accuracy drops > 1pp")[0] == 0


def test_every_run_is_compared_with_the_first(say: Said, old: Path, new: Path) -> None:
    code, out, _ = say(old, new, old, "--fail-if", "accuracy rises > 1pp")
    assert code == 1
    assert out.count(" against ") == 2


def test_models_of_one_run(say: Said, made: Callable[..., Path]) -> None:
    run = made("two", {"small": [0], "large": range(10)})
    code, out, _ = say(run)
    assert code == 0
    assert "large against small" in out
    assert "large against small" in say(f"{run}:small", f"{run}:large")[1]
    assert "small against large" in say(f"{run}:large", f"{run}:small")[1]
    code, _, err = say(f"{run}:small", f"{run}:huge")
    assert code == 2
    assert "has no model 'huge'" in err and "large, small" in err


def test_the_same_run_twice(say: Said, old: Path) -> None:
    code, out, _ = say(old, old)
    assert code == 0
    assert "both sides are the same run" in out
    assert "every answer has the same score" in out


def test_rows_that_one_run_alone_has(say: Said, old: Path, made: Callable[..., Path]) -> None:
    fewer = made("fewer", {"m": range(9)}, {"limit": 12, "evaluator": "numeric"})
    text = (fewer / "suite.toml").read_text("utf-8")
    assert "numeric" in text
    other = aisbench.score(
        "gsm8k-demo", fewer.parents[2] / "answers.jsonl", settings={"range": ":5", "limit": 5},
        output=fewer.parents[2] / "cut", allow_unknown=True,
    )  # fmt: skip
    code, out, _ = say(old, other.path)
    assert code == 0
    assert "7 rows are in" in out and "and in no difference: test-5" in out
    assert "5 questions paired" in out


def test_repeats_of_a_run_are_one_side(say: Said, old: Path, new: Path) -> None:
    code, out, _ = say(f"{old},{new}", old)
    assert code == 0
    assert "50.00 % " in out


def test_baselines(say: Said, old: Path, new: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    shutil.copytree(old, outputs / "s" / "1")
    shutil.copytree(new, outputs / "s" / "2")
    first, second = outputs / "s" / "1", outputs / "s" / "2"
    assert say(first, "--save-baseline", "prod")[0] == 0
    assert json.loads((outputs / ".aisbench" / "baselines.json").read_text("utf-8"))["baselines"][
        "prod"
    ]["run"] == "s/1"  # fmt: skip
    code, out, _ = say("--baselines", "--outputs", outputs)
    assert code == 0 and "prod" in out
    code, out, _ = say(second, "--baseline", "prod", "--fail-if", "accuracy drops > 0")
    assert code == 0 and "2 against 1" in out
    code, _, err = say(second, "--baseline", "pord")
    assert code == 2 and "did you mean 'prod'" in err
    # A gate that fails leaves the name where it is.
    words = ("--baseline", "prod", "--fail-if", "accuracy rises > 0", "--save-baseline", "prod")
    assert say(second, *words)[0] == 1
    assert "s/1" in (outputs / ".aisbench" / "baselines.json").read_text("utf-8")
    assert say(second, "--baseline", "prod", "--save-baseline", "prod")[0] == 0
    assert "s/2" in (outputs / ".aisbench" / "baselines.json").read_text("utf-8")
    assert [one.name for one in (outputs / ".aisbench").iterdir()] == ["baselines.json"]
    shutil.rmtree(second)
    code, _, err = say(first, "--baseline", "prod")
    assert code == 2 and "which is not there" in err
    (outputs / ".aisbench" / "baselines.json").write_text("{")
    code, _, err = say(first, "--baseline", "prod")
    assert code == 2 and "cannot be read" in err


def test_history(say: Said, old: Path, new: Path, tmp_path: Path) -> None:
    for i, run in enumerate([old] * 7 + [new] * 6):
        shutil.copytree(run, tmp_path / "s" / f"2026{i:04}")
    code, out, _ = say(tmp_path / "s" / "20260003", "--history")
    assert code == 0
    assert "changed with 20260007: 25.00 % before (7 runs), 75.00 % from there (6 runs)" in out
    for i in range(3, 13):
        shutil.rmtree(tmp_path / "s" / f"2026{i:04}")
    (tmp_path / "s" / "20260001" / "suite.toml").write_text("[")
    code, out, _ = say(tmp_path / "s" / "20260000", "--history", "--figure", "accuracy")
    assert code == 0
    assert "2 runs are too few" in out
    assert "20260001" in out  # told, and left out
    code, _, err = say(tmp_path / "s" / "20260000", "--history", "--figure", "ttft")
    assert code == 2 and "m/gsm8k-demo.accuracy" in err


def test_damaged_and_unscored_runs(say: Said, old: Path, tmp_path: Path) -> None:
    broken = tmp_path / "s" / "1"
    shutil.copytree(old, broken)
    (journal,) = broken.glob("predictions/*/*.jsonl")
    journal.write_bytes(journal.read_bytes()[:-40])
    code, _, err = say(old, broken)
    assert code == 2 and str(journal) in err
    (broken / "environment.json").unlink()
    code, _, err = say(old, broken)
    assert code == 2 and "environment.json: is missing" in err
    bare = tmp_path / "s" / "2"
    shutil.copytree(old, bare)
    shutil.rmtree(bare / "results")
    (bare / "seals.json").unlink()
    code, _, err = say(old, bare)
    assert code == 2 and "neither scores nor measured loads" in err
    assert "aisbench evaluate" in err


def test_answers_that_are_not_scored_yet_are_in_nothing(
    say: Said, old: Path, tmp_path: Path
) -> None:
    later = tmp_path / "s" / "1"
    shutil.copytree(old, later)
    (later / "seals.json").unlink()
    (scores,) = later.glob("results/*/*.scores.jsonl")
    scores.write_text("".join(scores.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")
    code, out, _ = say(old, later)
    assert code == 0
    assert "11 questions paired" in out
    assert "1 rows are in old alone, and in no difference: test-11" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no run is given"),
        (["{old}"], "nothing to compare it with"),
        (["{old}", "nowhere"], "nowhere: there is no such file or folder"),
        (["{old}", "{old}", "--fail-if", "accuracy dops > 1"], "'dops' is none of"),
        (["{old}", "{old}", "--fail-if", "acuracy drops > 1"], "there is no figure 'acuracy'"),
        (["{old}", "{old}", "--junit", "x.xml"], "--junit writes gates"),
        (["{old}", "{old}", "--history"], "--history is of one run's suite"),
        (["{old}", "{old}", "--figure", "x"], "--figure is for --history"),
        (["{old}", "--baselines"], "--baselines lists names"),
        (["{old}", "{old}", "--save-baseline", "x"], "several are given"),
        (["{old}", "--save-baseline", "a/b"], "is no name"),
        (["{old}", "--baseline", "x", "--outputs", "{old}"], "there is no baseline 'x'"),
        (["{old}", "{old}", "--json", "{old}/suite.toml/x"], "cannot be written"),
    ],
)
def test_what_is_wrong_is_told(say: Said, old: Path, words: list[str], said: str) -> None:
    code, _, err = say(*(word.format(old=old) for word in words))
    assert code == 2
    assert said in err


@pytest.mark.parametrize(
    "words", [("--seed", "-1"), ("--flips", "-2"), ("--flips", "x"), ("--no",)]
)
def test_wrong_options_are_refused(old: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(old), *words])
    assert caught.value.code == 2


def test_a_comma_in_a_name_is_no_end_of_it(say: Said, old: Path, tmp_path: Path) -> None:
    odd = shutil.copytree(old, tmp_path / 'a, "b": c' / "1")
    assert say(old, f"{odd}:m")[0] == 0


def test_a_folder_of_runs_is_told(say: Said, old: Path) -> None:
    code, _, err = say(old, old.parent)
    assert code == 2
    assert "1 runs lie in" in err and f"the newest is {old}" in err


def test_other_folders_are_told(say: Said, old: Path, tmp_path: Path) -> None:
    code, _, err = say(old, tmp_path)
    assert code == 2
    assert str(tmp_path) in err


def test_chinese(say: Said, old: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISBENCH_LANG", "zh")
    code, out, _ = say(old, new)
    assert code == 0
    assert "结论" in out
    assert "is better" not in out
