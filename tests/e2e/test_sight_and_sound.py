"""Sets about pictures, films and sounds on a server that knows some answers: the figures follow
from those."""

from __future__ import annotations

import json
from typing import Any

from live import ROOT, Project, simulator

PLUGINS = ROOT / "plugins" / "datasets"
SETS = {
    "mmmu": ("mmmu", "mmmu", 'parts = ["Art", "Math"]'),
    "mmmu-pro": ("mmmu", "mmmu_pro", ""),
    "mmmu-pro-4": ("mmmu", "mmmu_pro", ""),
    "mmmu-pro-vision": ("mmmu", "mmmu_pro", ""),
    "mmstar": ("picture-choices", "mmstar", ""),
    "mmbench": ("picture-choices", "mmbench", ""),
    "mmbench-cn": ("picture-choices", "mmbench", ""),
    "ccbench": ("picture-choices", "mmbench", ""),
    "realworldqa": ("picture-choices", "realworldqa", ""),
    "mathvision": ("picture-math", "mathvision", ""),
    "mathvista": ("picture-math", "mathvista", ""),
    "geometry3k": ("picture-math", "geometry3k", ""),
    "videomme": ("films", "videomme", ""),
    "videobench": ("films", "videobench", ""),
    "vocalsound": ("sounds", "", ""),
}
KNOWN = {
    # mmmu: Art 1 of 2, Math 2 of 2
    "(D) green": "The answer is (B).",
    "Compare": "A",
    "How many dots are in": "Step 1: 3 dots. ANSWER: 7",
    "What is shown in": "It is 24/7.",
    # mmmu-pro: J is right, B of three
    "J. colour 10": "After thinking, option J is right.\nAnswer: J",
    "C. five": "Answer: B",
    "D. colour 4": "D",
    "where LETTER is one of options.": "Answer: J",
    # mmstar: all answered C, one of six is right
    "D. 4": "(C)",
    # mmbench: the first question in all four turns, the second in one of two
    "A. the sun\nB. the night\nC. the cellar\nD. a hole": "A",
    "A. the night\nB. the cellar\nC. a hole\nD. the sun": "D",
    "A. the cellar\nB. a hole\nC. the sun\nD. the night": "The answer is C.",
    "A. a hole\nB. the sun\nC. the night\nD. the cellar": "the sun",
    "A. lead\nB. foam": "A",
    "A. foam\nB. lead": "A",
    "A. 太阳\nB. 夜晚\nC. 地窖": "答案是A",
    "A. 夜晚\nB. 地窖\nC. 太阳": "选C",
    "A. 地窖\nB. 太阳\nC. 夜晚": "答案：B",
    "D. 墙": "A",
    # realworldqa: the letter, not the word
    "the correct option and nothing else.": "B. Ahead",
    "single word or number.": "four",
    # mathvision: 2 of 3
    "How long is the side?": "\\boxed{16/7}",
    "Which kite is it?": "\\boxed{C}",
    "How large is the area?": "\\boxed{D}",
    # mathvista: rounded to one place, a doubled option by either letter, a list; not the integer
    "How high is the bar? (Unit: m)": "It is 1.23 m.",
    "How many bars are there?": "The answer is 11.",
    "(C) 18": "The correct option letter is C.",
    "Which years are shown?": "[2014, 2016]",
    # geometry3k
    "Find x in the triangle.": "<think>x</think> \\boxed{\\sqrt{50}}",
    "Find the arc AB.": "<think>x</think> \\boxed{81}",
    # films and sounds
    "D. It flickers.\nThe best answer is:": "Based on the video, the best answer is A.",
    "D. Red.\nThe best answer is:": "I cannot tell.",
    "Choices: A.81": "F",
    "D. It flickers.\nAnswer:": "Answer: A",
    "Among the three options A, B, C above": "(B)",
    "Among the one options A above": "A",
    "select the one closest to the correct answer. ASSISTANT:": "The answer is Laughter.",
}
FRAMES = (
    ("frames", "videomme", "0-shot-frames-subtitles-chat"),
    ("together", "videobench", "0-shot-frames-together-chat"),
)
ACCURACY = {
    "frames": {"short": 100.0},
    "together": {"": 100.0, "MOT": 100.0},
    "mmmu": {"": 75.0, "Art": 50.0, "Math": 100.0, "Science (1 of 5)": 100.0},
    "mmmu-pro": {"": 100.0},
    "mmmu-pro-4": {"": 0.0},
    "mmmu-pro-vision": {"": 100.0},
    "mmstar": {"": 100 * 1 / 6},
    "ccbench": {"": 0.0},
    "realworldqa": {"": 50.0},
    "mathvision": {"": 200 / 3, "level 5": 0.0},
    "mathvista": {"": 75.0},
    "geometry3k": {"": 50.0},
    "videomme": {"": 50.0, "short": 100.0, "long": 0.0},
    "videobench": {"": 100.0},
    "vocalsound": {"": 100 / 3},
}


def test_each_set_on_a_server_with_known_answers(project: Project) -> None:
    known = [{"question": text, "answer": said} for text, said in KNOWN.items()]
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in known)
    answers = project.write("known.jsonl", lines)
    tables = ['[suite]\nname = "sets"\n[models.m]\nbackend = "vllm-chat"\nurl = "{url}"\n']
    for name, (plugin, folder, keys) in SETS.items():
        path = PLUGINS / plugin / "tests" / "data" / folder
        tables.append(f'[datasets.{name}]\ndataset = "{name}"\npath = "{path}"\n{keys}\n')
    films = PLUGINS / "films" / "tests" / "data"
    for name, dataset, variant in FRAMES:
        table = f'dataset = "{dataset}"\npath = "{films / dataset}"\nvariant = "{variant}"\n'
        tables.append(f"[datasets.{name}]\n{table}")
    with simulator("--answers", str(answers), "--accuracy", "1", "--bare") as server:
        project.write("s.toml", "".join(tables).replace("{url}", server.url))
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    found = {name: project.result("sets", "m", name) for name in [*SETS, *ACCURACY]}
    figures = {
        name: {one["part"]: round(one["value"], 3) for one in _named(document, "accuracy")}
        for name, document in found.items()
    }
    wanted = {
        name: {part: round(value, 3) for part, value in parts.items()}
        for name, parts in ACCURACY.items()
    }
    assert {
        name: {part: figures[name].get(part) for part in parts} for name, parts in wanted.items()
    } == wanted
    assert not any(document["counts"]["failed"] for document in found.values())
    circular = {
        name: {one["part"]: one["value"] for one in _named(found[name], "circular")}
        for name in ("mmbench", "mmbench-cn", "ccbench")
    }
    assert circular["mmbench"][""] == 50.0
    assert circular["mmbench"]["image_scene"] == 100.0
    assert circular["mmbench"]["ability attribute_reasoning"] == 0.0
    assert (circular["mmbench-cn"][""], circular["ccbench"][""]) == (100.0, 0.0)
    assert [one["n"] for one in _named(found["mmbench"], "circular") if not one["part"]] == [2]
    assert {one["name"] for one in found["videomme"]["figures"]} >= {
        "accuracy (vlmevalkit-videomme)"
    }


def _named(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in document["figures"] if one["name"] == name]
