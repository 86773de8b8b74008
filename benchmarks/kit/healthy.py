"""Small plugins without a fault, a source for each kind; NAME stands for each one's own name."""

from __future__ import annotations

import json

LIGHT = """
from aisbench.api import *
from aisbench.api import hookimpl

AISBENCH_API = 1

@hookimpl
def HOOK():
    return [OFFER]
"""

ROWS = "\n".join(
    f'{{"question": "What is {n} + {2 * n}?", "answer": "{3 * n}"}}' for n in range(1, 11)
)
POOL = "\n".join(
    f'{{"question": "What is {n} + 100?", "answer": "{n + 100}"}}' for n in range(1, 6)
)

DATASET_OFFER = """DatasetOffer(
        name="NAME", summary="Sums of small numbers.", target="PACKAGE.code:Rows",
        settings="PACKAGE.code:Settings", evaluator="numeric",
    )"""

DATASET = """
import json
from pathlib import Path

from attrs import frozen

from aisbench.api import DataError, Message, Prompt, Sample, Variant, setting


@frozen
class Settings:
    path: Path = setting(help="folder with rows.jsonl and pool.jsonl", example="data")


class Rows:
    def __init__(self, settings):
        self.folder = settings.path

    def variants(self):
        question, example = "Q: {question}\\nA:", "Q: {question}\\nA: {answer}"
        return {
            "0-shot": Variant(template="text", prompt={"question": question}, source="own"),
            "2-shot": Variant(
                template="text", prompt={"question": question, "example": example},
                shots=2, source="own",
            ),
        }

    def files(self):
        found = [self.folder / "rows.jsonl", self.folder / "pool.jsonl"]
        for file in found:
            if not file.is_file():
                raise DataError(f"{file} does not exist")
        return found

    def samples(self):
        return self.read("rows")

    def examples(self):
        return self.read("pool")

    def read(self, name):
        file = self.folder / f"{name}.jsonl"
        try:
            with file.open(encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            made = [self.sample(name, n, row) for n, row in enumerate(rows)]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{file}: {error}") from None
        if not made:
            raise DataError(f"{file} is empty")
        return made

    def sample(self, name, n, row):
        return Sample(id=f"{name}-{n}", fields=dict(row), target=row["answer"])
"""

DIALOGUE_OFFER = DATASET_OFFER.replace('evaluator="numeric",', "dialogue=True,")

_FEW_SHOT = """            "2-shot": Variant(
                template="text", prompt={"question": question, "example": example},
                shots=2, source="own",
            ),
"""
_TURNS = """
    def play(self, sample, first):
        answer = yield first
        said = Message(role="assistant", content=answer.text)
        more = Message(role="user", content="Are you sure?")
        yield Prompt(messages=(*first.messages, said, more))
"""
_AS_TEXT = 'template="text", prompt={"question": question}, source'
_AS_CHAT = 'template="chat", prompt={"user": "{question}"}, source'

DIALOGUE = (
    DATASET.replace(_AS_TEXT, _AS_CHAT)
    .replace(', self.folder / "pool.jsonl"]', "]")
    .replace(_FEW_SHOT, "")
    + _TURNS
)

DECLARED = """
summary = "Sums of small numbers."
split = "test"
evaluator = "numeric"
examples = "train"

[files]
test = "rows.jsonl"
train = "pool.jsonl"

[columns]
answer = "answer"

[variants.0-shot]
template = "text"
source = "own"
prompt = { question = "Q: {question}\\nA:" }

[variants.2-shot]
template = "text"
source = "own"
shots = 2
prompt = { question = "Q: {question}\\nA:", example = "Q: {question}\\nA: {answer}" }

[card]
task = "mathematics"
licence = "CC0-1.0"
source = "https://example.org/sums"
"""

CHOICES = "\n".join(
    json.dumps(
        {
            "question": f"Which is {n}?",
            "options": [f"{n}", f"{n + 20}"] if n % 2 else [f"{n + 20}", f"{n}"],
            "answer": "A" if n % 2 else "B",
        }
    )
    for n in range(1, 11)
)

BACKEND_OFFER = """BackendOffer(
        name="NAME", summary="A made-up protocol.", target="PACKAGE.code:Wire",
        capabilities={one: Support.FULL for one in (
            Capability.TEXT, Capability.CHAT, Capability.STREAM, Capability.USAGE,
            Capability.TOOLS, Capability.IMAGES, Capability.LOGPROBS,
        )},
    )"""

BACKEND = """
import json

from aisbench.api import (
    Fault, FaultKind, FinishReason, HttpRequest, Response, Usage,
)


class Wire:
    def refused(self, generation):
        return {}

    def encode(self, request):
        prompt = request.prompt
        body = {
            "text": prompt.text,
            "messages": [
                [one.role, one.text, [media.base64 for media in one.media],
                 [[call.name, call.arguments, call.id] for call in one.tool_calls]]
                for one in prompt.messages or ()
            ],
            "tools": [[one.name, one.description, one.parameters] for one in prompt.tools],
            "tool_choice": prompt.tool_choice,
            "scored": prompt.continuation,
            "stream": request.stream,
            "seed": request.seed,
            **request.generation,
        }
        data = json.dumps(body, ensure_ascii=False).encode()
        return HttpRequest(method="POST", path="/ask", headers={}, body=data)

    def decoder(self, request):
        return Decoder()

    def models_request(self):
        return HttpRequest(method="GET", path="/models")

    def parse_models(self, body):
        try:
            return [str(one["id"]) for one in json.loads(body)["models"]]
        except (ValueError, TypeError, KeyError, LookupError, RecursionError) as error:
            raise ValueError("no list of models") from error


class Decoder:
    answer_begun = False

    def __init__(self):
        self.status, self.body, self.seen = 0, b"", 0

    def start(self, status, content_type):
        self.status = status

    def feed(self, data):
        self.body += data
        if self.status != 200:
            return 0
        seen = self.body.count(b'"word"')
        new, self.seen = seen - self.seen, seen
        return new

    def finish(self):
        if self.status != 200:
            return Response(fault=Fault(kind=FaultKind.HTTP, message="no", status=self.status))
        text, used, ended = "", None, False
        try:
            for line in self.body.splitlines():
                if line.strip():
                    event = json.loads(line.removeprefix(b"data: "))
                    text += str(event.get("word", ""))
                    used = event.get("tokens", used)
                    ended = ended or bool(event.get("end"))
            assert ended
            used = None if used is None else int(used)
        except Exception:
            return Response(fault=Fault(kind=FaultKind.PROTOCOL, message="no answer"))
        usage = Usage(completion_tokens=used)
        return Response(text=text, usage=usage, finish_reason=FinishReason.STOP)
"""

TRANSPORT_OFFER = """BackendOffer(
        name="NAME", summary="Lines over TCP.", target="PACKAGE.code:Lines",
        transport="own", schemes=("tcp",),
        capabilities={one: Support.FULL for one in (
            Capability.TEXT, Capability.STREAM, Capability.USAGE,
        )},
    )"""

TRANSPORT = """
import asyncio
import json
import socket
import time
from urllib.parse import urlsplit

from aisbench.api import FinishReason, FaultKind, Response, TransportError, Usage


class Lines:
    def __init__(self):
        self.opened = 0

    def refused(self, generation):
        return {one: "leave it out" for one in generation if one.startswith("no_such")}

    async def connect(self, address):
        url = urlsplit(address.url)
        return Line(*await asyncio.open_connection(url.hostname, url.port))


class Line:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.whole = reader, writer, True

    @property
    def usable(self):
        return self.whole and not self.reader.at_eof()

    async def send(self, request, tape):
        self.whole = False
        asked = {"text": request.prompt.text, "stream": request.stream, **request.generation}
        at = tape.now()
        self.writer.write(json.dumps(asked).encode() + b"\\n")
        await self.writer.drain()
        tape.sent(at=at)
        text, count = "", 0
        while True:
            line = await self.reader.readline()
            if not line:
                raise TransportError(FaultKind.CUT, "the connection ended")
            try:
                event = json.loads(line)
                piece, ended = event.get("piece", ""), event.get("done", False)
            except (ValueError, AttributeError):
                raise TransportError(FaultKind.PROTOCOL, "no line of this protocol") from None
            tape.read(int(bool(piece)), piece)
            text, count = text + piece, count + bool(piece)
            if ended:
                self.whole = True
                usage = Usage(completion_tokens=count)
                return Response(text=text, finish_reason=FinishReason.STOP, usage=usage)

    async def close(self):
        self.writer.close()
"""

PEER = """
import asyncio
import contextlib


@contextlib.asynccontextmanager
async def serve():
    async def answer(reader, writer):
        with contextlib.suppress(ConnectionError):
            while await reader.readline():
                for piece in (b'{"piece": "It "}', b'{"piece": "is 2."}', b'{"done": true}'):
                    writer.write(piece + b"\\n")
                await writer.drain()
                if ONCE:
                    break
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
"""

ANSWER = 'data: {"word": "Hel"}\n\ndata: {"word": "lö"}\n\ndata: {"end": true, "tokens": 2}\n\n'

TEMPLATE_OFFER = """TemplateOffer(
        name="NAME", summary="A question after its examples.", target="PACKAGE.code:Made",
        form=Capability.TEXT,
    )"""

TEMPLATE = """
from aisbench.api import DataError, Prompt


class Made:
    def render(self, sample, shots):
        try:
            parts = [f"{one.fields['question']} {one.fields['answer']}" for one in shots]
            parts.append(str(sample.fields["question"]))
        except KeyError as error:
            raise DataError(f"{sample.id} has no {error}") from None
        return Prompt(text="\\n".join(parts))
"""

RETRIEVER_OFFER = """RetrieverOffer(
        name="NAME", summary="Examples by chance.", target="PACKAGE.code:Made",
    )"""

RETRIEVER = """
import random

from aisbench.api import DataError


class Made:
    def pick(self, sample, pool, count, seed):
        if count > len(pool):
            raise DataError(f"the pool holds {len(pool)} examples, not {count}")
        return random.Random(f"{seed} {sample.id}").sample(list(pool), count)
"""

EVALUATOR_OFFER = """EvaluatorOffer(
        name="NAME", summary="The last word is the answer.", target="PACKAGE.code:Made",
    )"""

EVALUATOR = """
from aisbench.api import Score, Verdict


class Made:
    def score(self, sample, answer):
        words = answer.response.text.split()
        found = words[-1].strip(".()[]") if words else ""
        if not found:
            return Score(value=0.0, verdict=Verdict.UNPARSED)
        right = found == str(sample.target)
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        return Score(value=float(right), verdict=verdict, extracted=found)
"""

JUDGED_OFFER = """EvaluatorOffer(
        name="NAME", summary="A model says yes or no.", target="PACKAGE.code:Made",
        settings="PACKAGE.code:Settings", judged=True, reference="unused",
    )"""

JUDGED = """
from attrs import frozen

from aisbench.api import Message, Prompt, Score, Verdict, setting


@frozen
class Settings:
    judge: str = setting(help="the suite's name of the model that judges", example="gpt")


class Made:
    against, judgements, generation = "", 1, {}

    def __init__(self, settings):
        self.judge = settings.judge

    def questions(self, sample, answer, rival):
        text = f"Is this right? {answer.response.text}"
        return [Prompt(messages=(Message(role="user", content=text),))]

    def conclude(self, sample, answer, judgements):
        said = judgements[0][0].text.strip().lower()
        if said not in ("yes", "no"):
            return Score(value=0.0, verdict=Verdict.UNPARSED)
        right = said == "yes"
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        return Score(value=float(right), verdict=verdict, extracted=said)
"""

POSTPROCESSOR_OFFER = """PostprocessorOffer(
        name="NAME", summary="The first word.", target="PACKAGE.code:Made",
    )"""

POSTPROCESSOR = """
class Made:
    def process(self, text, sample):
        words = text.split()
        return words[0] if words else None
"""

REDUCER_OFFER = """ReducerOffer(
        name="NAME", summary="The mean of all values.", target="PACKAGE.code:Made",
    )"""

REDUCER = """
from aisbench.api import Figure


class Made:
    def reduce(self, groups):
        values = [one.value for group in groups for one in group.scores]
        if not values:
            raise ValueError("there are no scores")
        mean = sum(values) / len(values) * 100
        return [Figure(name="NAME", value=mean, unit="%", n=len(groups), better="up")]
"""

SHAPE_OFFER = """LoadShapeOffer(
        name="NAME", summary="A request each tenth of a second.", target="PACKAGE.code:Made",
    )"""

SHAPE = """
from aisbench.api import OpenLoop


class Made:
    def schedule(self, context):
        most = context.requests if context.requests is not None else 1000
        due = [n * 100_000_000 for n in range(most)]
        if context.horizon_ns is not None:
            due = [one for one in due if one < context.horizon_ns]
        return OpenLoop(due_ns=due)
"""

SUMMARIZER_OFFER = """SummarizerOffer(
        name="NAME", summary="Numbers of tasks, as JSON.", target="PACKAGE.code:Made",
    )"""

SUMMARIZER = """
import json

from aisbench.api import Summary


class Made:
    def summarize(self, results, folder, width):
        file = folder / "tasks.json"
        file.write_text(json.dumps({"tasks": len(results.tasks)}), encoding="utf-8")
        return Summary(files=(file,), text=f"{len(results.tasks)} tasks")
"""

COMMAND_OFFER = """CommandOffer(
        name="NAME", summary="Says hello.", target="PACKAGE.code:main",
    )"""

COMMAND = """
import argparse


def main(words):
    parser = argparse.ArgumentParser(prog="aisbench NAME", description="Says hello.")
    parser.add_argument("--name", default="you")
    args = parser.parse_args(words)
    print(f"hello {args.name}")
    return 0
"""
