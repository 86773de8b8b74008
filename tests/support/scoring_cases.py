"""Continuations whose characters span tokens: what a server says of them, and what is true.

python tests/support/scoring_cases.py URL PYTHON MODEL FILE    records answers of a real vLLM

URL serves MODEL (the folder that tests/support/tiny_model.py --multilingual made) as "tiny" with
--trust-request-chat-template; PYTHON has torch and transformers.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aisbench.api import Fault, HttpRequest, Message, Prompt, Request, Response
from aisbench.codec import Reply

TRIMMING = (
    "{% for m in messages %}[{{ m.role }}] {{ m.content | trim }}</s>{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
"""A template that takes blanks of every turn away and ends each with a token."""
THINKING = (
    "{% for m in messages %}<{{ m.role }}>\n"
    "{% if m.role == 'assistant' %}<think>\n\n</think>\n\n{% endif %}{{ m.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<assistant>\n{% endif %}"
)
"""One that puts an empty thought before an assistant's turn, and not where one is to begin."""
TEMPLATES = {"own": None, "trimming": TRIMMING, "thinking": THINKING}

WORDS = [
    "😀", "😀😃 or 🎉", "👨\u200d👩\u200d👧\u200d👦", "🇩🇪🇫🇷", "世界", "自由软件", "是的",
    "Grüße", "größer", "e\u0301cole", "a\u0308", "नमस्ते", "السلام عليكم", "Привет, мир!",
    "mixed 世界 and 😀!", "x", "plain text",
    # Behind the last four contexts these melt into a token with the end of it.
    "kes rolls", "由人的", "案：是的", "\u0301cole",
]  # fmt: skip
CONTEXTS = [
    "The answer is", "Q: 世界?\nA:", "Smile 😀", "मैं ", "a ba", "硬件 自", "Q: 答", "Une e",
]  # fmt: skip

# What a forward pass of the same weights in float32 says of the same ids.
_FORWARD = """
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
found = []
for one in json.load(sys.stdin):
    chat = one["messages"] is not None
    if chat:
        keys = {"chat_template": one["template"]} if one["template"] else {}
        context = bare = tokenizer.apply_chat_template(
            one["messages"], tokenize=False, add_generation_prompt=True, **keys
        )
    else:
        context = one["text"]
        bare = context.rstrip()
    whole = tokenizer.encode(context + one["continuation"], add_special_tokens=not chat)
    before = tokenizer.encode(bare, add_special_tokens=not chat)
    begin = 0 if bare else 1
    while begin < len(before) and whole[begin] == before[begin]:
        begin += 1
    with torch.no_grad():
        logits = model(torch.tensor([whole])).logits[0].log_softmax(-1)
    places = range(begin, len(whole))
    found.append({
        "logprobs": [logits[at - 1, whole[at]].item() for at in places],
        "greedy": all(logits[at - 1].argmax().item() == whole[at] for at in places),
        "across": begin < len(before),
    })
print(json.dumps(found))
"""


def truths(
    python: Path, model: Path, prompts: Sequence[Prompt], template: str | None = None
) -> list[dict[str, Any]]:
    """``logprobs`` and ``greedy`` of each continuation, and whether a token reaches across its
    beginning."""
    asked = [
        {
            "text": one.text,
            "messages": one.messages
            and [{"role": turn.role, "content": turn.content} for turn in one.messages],
            "continuation": one.continuation,
            "template": template,
        }
        for one in prompts
    ]
    done = subprocess.run(
        [python, "-c", _FORWARD, str(model)],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def request_of(prompt: Prompt, template: str | None = None) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="tiny", prompt=prompt,
        generation={"chat_template": template} if template else {}, stream=True, seed=1,
    )  # fmt: skip


def chat_of(user: str, continuation: str) -> Prompt:
    return Prompt(messages=(Message(role="user", content=user),), continuation=continuation)


def ask(
    backend: Any, request: Request, send: Callable[[HttpRequest], tuple[int, bytes]]
) -> Response:
    """As the engine does it, without retries."""
    steps = backend.prepare(request)
    if steps is None:
        wire, decoder = backend.encode(request), backend.decoder(request)
    else:
        try:
            question = next(steps)
            while True:
                status, body = send(question)
                question = steps.send(Reply(status=status, body=body))
        except StopIteration as end:
            ready = end.value
        if isinstance(ready, Fault):
            return Response(fault=ready)
        wire, decoder = ready.wire, ready.decoder()
    status, body = send(wire)
    decoder.start(status, "application/json")
    decoder.feed(body)
    response: Response = decoder.finish()
    return response


def sender(url: str, kept: list[dict[str, Any]] | None = None) -> Callable[..., tuple[int, bytes]]:
    """Sends to a server, and keeps what was said."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 80)

    def send(wire: HttpRequest) -> tuple[int, bytes]:
        connection.request(wire.method, wire.path, wire.body, dict(wire.headers))
        with connection.getresponse() as reply:
            status, body = reply.status, reply.read()
        if kept is not None:
            kept.append(
                {
                    "path": wire.path,
                    "sent": json.loads(wire.body),
                    "status": status,
                    "body": body.decode(),
                }
            )
        return status, body

    return send


ECHO = {"backend": "completions", "settings": {}}
PROMPT = {"backend": "completions", "settings": {"scoring": "prompt_logprobs"}}
CHAT = {"backend": "chat", "settings": {}}
# The same route under a name that shows no sibling: the chat endpoint scores by itself.
ALONE = {"backend": "chat", "settings": {"path": "/v1/chat/completions?alone"}}
RECORDED: list[tuple[dict[str, Any], Prompt, str]] = [
    *[
        (how, Prompt(text=context, continuation=continuation), "own")
        for how in (ECHO, PROMPT)
        for context, continuation in (
            ("Smile", " 😀"), ("Smile ", "😀"), ("Q: 世界?\nA:", "Grüße 世界"), ("मैं", "Привет"),
            ("Une e", "\u0301cole"), ("硬件 自", "由人的"), ("", "Hi 自由软件"),
            ("a", "👨\u200d👩\u200d👧"), ("e", "\u0301cole"),
        )
    ],
    *[
        (how, chat_of("Hi", continuation), template)
        for how in (CHAT, ALONE)
        for template in TEMPLATES
        for continuation in (" 😀", "自由")
    ],
]  # fmt: skip


def backend_of(how: dict[str, Any]) -> Any:
    from aisbench_plugin_vllm.chat import ChatBackend
    from aisbench_plugin_vllm.completions import CompletionsBackend
    from aisbench_plugin_vllm.settings import OpenAiChatSettings, OpenAiCompletionsSettings

    if how["backend"] == "chat":
        return ChatBackend(OpenAiChatSettings(**how["settings"]))
    return CompletionsBackend(OpenAiCompletionsSettings(**how["settings"]))


def record(url: str, python: Path, model: Path, file: Path) -> None:
    """A line for each case: what was asked, what was said, what is true."""
    told = {
        name: iter(
            truths(python, model, [one for _, one, its in RECORDED if its == name], template)
        )
        for name, template in TEMPLATES.items()
    }
    lines = []
    for how, prompt, name in RECORDED:
        kept: list[dict[str, Any]] = []
        response = ask(backend_of(how), request_of(prompt, TEMPLATES[name]), sender(url, kept))
        fault = response.fault.message if response.fault else None
        print(how, repr(prompt.continuation), name, fault or "scored")
        case = {
            **how,
            "template": name,
            "text": prompt.text,
            "user": prompt.messages[0].content if prompt.messages else None,
            "continuation": prompt.continuation,
            "truth": next(told[name]),
            "exchanges": kept,
        }
        lines.append(json.dumps(case, ensure_ascii=False) + "\n")
    file.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
