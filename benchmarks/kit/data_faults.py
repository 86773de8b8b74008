"""Data sets with one fault each: coded, of conversations, declared."""

from __future__ import annotations

import json

import healthy
from trial_site import Fault

_MADE = 'return Sample(id=f"{name}-{n}", fields=dict(row), target=row["answer"])'
_ID = 'id=f"{name}-{n}"'
_READ = 'return self.read("rows")'
_SELF = "self.folder = settings.path"


def _set(what: str, by: str, old: str, new: str, words: str = "", **more: object) -> Fault:
    return Fault(kind="dataset", what=what, by=by, code=((old, new),), words=words, **more)  # type: ignore[arg-type]


def _same_letter() -> str:
    return "\n".join(
        json.dumps({"question": f"Which is {n}?", "options": [f"{n}", "0"], "answer": "A"})
        for n in range(1, 11)
    )


CODED = [
    _set("rows in the order of a set", "a fresh process", _READ,
         "return [self.samples_by()[one] for one in set(self.samples_by())]\n\n"
         "    def samples_by(self):\n"
         '        return {one.id: one for one in self.read("rows")}', "PYTHONHASHSEED"),
    _set("ids from hash()", "a fresh process", _ID, 'id=str(hash(row["question"]))',
         "PYTHONHASHSEED"),
    _set("the date in a field", "a fresh process", "fields=dict(row)",
         "fields={**row, 'day': str(__import__('datetime').date.today())}", "clock"),
    _set("the year in a prompt", "a fresh process", 'question, example = "Q: ',
         'question, example = f"{__import__(\'time\').localtime().tm_year} Q: "+"', "clock"),
    _set("a draw without a seed", "rows", _READ,
         'rows = self.read("rows")\n        __import__("random").shuffle(rows)\n'
         "        return rows", "other ids"),
    _set("ids from uuid4", "rows", _ID, 'id=__import__("uuid").uuid4().hex', "other ids"),
    Fault(kind="dataset", what="ids with a salt drawn at import", by="a fresh process",
          words="without a seed",
          code=(("class Rows:", 'SALT = __import__("os").urandom(4).hex()\n\n\nclass Rows:'),
                (_ID, 'id=f"{name}-{n}-{SALT}"'))),
    _set("ids of the local time zone", "a fresh process", _ID,
         'id=f"{name}-{n}-{__import__(\'datetime\').datetime.fromtimestamp(0)}"', "time zone"),
    _set("the current folder in a field", "a fresh process", "fields=dict(row)",
         "fields={**row, 'at': __import__('os').getcwd()}", "folder"),
    _set("sorted by locale", "a fresh process", "fields=dict(row)",
         "fields={**row, 'env': __import__('os').environ.get('LC_ALL', '')}", "locale"),
    _set("a file that files() does not name", "rows", _READ,
         '(self.folder / "notes.txt").read_text()\n        return self.read("rows")',
         "does not name", data={"notes.txt": "notes"}),
    _set("a file left to the collector", "rows", _READ,
         'open(self.folder / "rows.jsonl").readline()\n        return self.read("rows")', "open"),
    Fault(kind="dataset", what="a file held open", by="rows", words="open",
          code=(("class Rows:", "HELD = []\n\n\nclass Rows:"),
                (_READ, 'HELD.append((self.folder / "rows.jsonl").open())\n'
                 '        return self.read("rows")'))),
    _set("ids that are there twice", "rows", _ID, 'id=f"{name}-{n // 2}"', "2 rows with the id"),
    _set("an empty id", "rows", _ID, 'id="" if n == 3 else f"{name}-{n}"', "empty id"),
    _set("a field that JSON cannot hold", "rows", "fields=dict(row)",
         "fields={**row, 'words': set(row['question'].split())}", "JSON"),
    _set("a reference that is NaN", "rows", 'target=row["answer"]', 'target=float("nan")', "JSON"),
    _set("no rows", "rows", _READ, "return []", "empty"),
    _set("rows from the network", "rows", _READ,
         'import urllib.request\n        try:\n'
         '            urllib.request.urlopen("http://data.example.org/rows", timeout=1)\n'
         "        except OSError:\n            pass\n"
         '        return self.read("rows")', "asks the machine"),
    _set("a cache written into the data", "rows", _READ,
         'cache = Path("NAME-cache.txt")\n        cache.write_text("x")\n        cache.unlink()\n'
         '        return self.read("rows")', "writes"),
    _set("prints", "rows", _READ, 'print("reading")\n        return self.read("rows")', "prints"),
    _set("an endless loop", "rows", _READ, "while True:\n            pass", "takes more than"),
    _set("os._exit", "rows", _READ, '__import__("os")._exit(3)', "exit code 3"),
    _set("a crash of the interpreter", "rows", _READ,
         '__import__("os").kill(__import__("os").getpid(), 11)', "SIGSEGV"),
    _set("sys.exit", "rows", _READ, '__import__("sys").exit("no data")', "SystemExit"),
    _set("files() names what is not there", "rows", "return found",
         'return [*found, self.folder / "gone.jsonl"]', "not a file"),
    _set("work in the constructor that fails", "making it", _SELF,
         'self.folder = settings.path\n        self.size = {}["size"]', "KeyError"),
    _set("another error than DataError for damaged files", "damaged files",
         "except (OSError, ValueError, KeyError, TypeError) as error:",
         "except OSError as error:", "DataError is what core expects"),
    _set("damaged rows are left out in silence", "damaged files",
         "rows = [json.loads(line) for line in lines]",
         "rows = []\n                for line in lines:\n                    try:\n"
         "                        rows.append(json.loads(line))\n"
         "                    except ValueError:\n                        continue",
         "without an error"),
    _set("errors that do not name the file", "damaged files",
         'raise DataError(f"{file}: {error}")',
         'raise DataError("the data are damaged")', "does not name it"),
    _set("the answer field in the question", "prompts without", '"Q: {question}\\nA:", "Q:',
         '"Q: {question} ({answer})\\nA:", "Q:', "holds the answer"),
    Fault(kind="dataset", what="a copy of the answer in the question", by="prompts without",
          words="'hint'", code=(("fields=dict(row)", "fields={**row, 'hint': row['answer']}"),
                                ('"Q: {question}\\nA:", "Q:',
                                 '"Q: {question} {hint}\\nA:", "Q:'))),
    _set("no reference in any row", "references", 'target=row["answer"]', "target=None",
         "no row has a reference"),
    _set("some rows without a reference", "references", 'target=row["answer"]',
         'target=row["answer"] if n % 3 else None', "rows lack a reference"),
    _set("references that the evaluator cannot read", "references", 'target=row["answer"]',
         'target="see page 3" if n == 4 else row["answer"]', "cannot score the row"),
    Fault(kind="dataset", what="every right answer is A", by="references", words="every right",
          offer=(('evaluator="numeric"', 'evaluator="choice"'),),
          data={"rows.jsonl": _same_letter()},
          code=(("fields=dict(row)", "fields={**row, 'choices': row.get('options', [])}"),)),
    _set("a template of no plugin", "variants", 'Variant(template="text", prompt={"question": '
         "question}, source", 'Variant(template="txet", prompt={"question": question}, source',
         "not installed"),
    _set("a variant without a source", "variants", 'question}, source="own")',
         'question}, source=" ")', "source"),
    _set("a name with another number of shots", "variants", '"2-shot"', '"3-shot"', "shots = 2"),
    _set("no variants", "variants", "        return {\n",
         "        return {}\n        {\n", "empty"),
    _set("examples that are also questions", "few-shot", 'return self.read("pool")',
         'return self.read("rows")', "also a question"),
    _set("a pool that is too small", "few-shot", 'return self.read("pool")',
         'return self.read("pool")[:1]', "the pool holds 1"),
    _set("a prompt without the question", "prompts", '"Q: {question}\\nA:", "Q:', '"Q:\\nA:", "Q:',
         "no field is named"),
    _set("a field that some rows lack", "prompts", "fields=dict(row)",
         "fields=dict(row) if n != 7 else {'answer': row['answer']}", "DataError"),
    Fault(kind="dataset", what="an evaluator that is not installed", by="evaluator and metrics",
          offer=(('"numeric"', '"numerical"'),), words="numerical"),
    Fault(kind="dataset", what="a metric that is not installed", by="evaluator and metrics",
          offer=(('evaluator=', 'metrics=("acuracy",), evaluator='),), words="acuracy"),
    Fault(kind="dataset", what="downloads without https", by="downloads", words="https",
          offer=(("evaluator=", 'downloads=(Download(url="http://a.example/r", filename="r", '
                  f'sha256="{"0" * 64}"),), evaluator='),),
          light=(("from aisbench.api import *\n",
                  "from aisbench.api import *\nfrom aisbench.api import Download\n"),)),
]  # fmt: skip


def _talk(what: str, old: str, new: str, words: str) -> Fault:
    return Fault(kind="dialogue", what=what, by="conversations", code=((old, new),), words=words)


_YIELD = "        answer = yield first\n"

DIALOGUES = [
    _talk("the second turn by chance", '"Are you sure?"',
          'f"Are you sure ({__import__(\'random\').random()})?"', "other prompts"),
    _talk("it changes the sample", _YIELD, _YIELD + '        sample.fields["seen"] = 1\n',
          "changes the sample"),
    _talk("it asks nothing", _YIELD, "        return\n        answer = yield first\n",
          "asks nothing"),
    _talk("it takes a chat for a text", _YIELD,
          "        answer = yield first\n        first.text.strip()\n", "AttributeError"),
    _talk("it never ends", _YIELD, "        while True:\n            yield first\n"
          "        answer = yield first\n", "does not end"),
]  # fmt: skip


def _page(what: str, by: str, old: str, new: str, words: str = "", **more: object) -> Fault:
    return Fault(kind="declared", what=what, by=by, toml=((old, new),), words=words, **more)  # type: ignore[arg-type]


_QUESTION = 'prompt = { question = "Q: {question}\\nA:" }'

DECLARED = [
    _page("a place that names nothing", "prompts", _QUESTION,
          'prompt = { question = "Q: {qestion}\\nA:" }', "qestion"),
    _page("a column that is not there", "rows", '[columns]\nanswer = "answer"',
          '[columns]\nanswer = "anwser"', "anwser"),
    _page("a key that is not there", "making it", 'split = "test"', 'split = "test"\nspilt = "x"',
          "spilt"),
    _page("a broken page", "loading", "[columns]", "[columns", "toml"),
    _page("no licence", "", 'licence = "CC0-1.0"\n', "", "licence"),
    _page("the answer in the question", "prompts without", _QUESTION,
          'prompt = { question = "Q: {question} {answer}\\nA:" }', "answer"),
    _page("examples from the rows that are asked", "few-shot", 'train = "pool.jsonl"',
          'train = "rows.jsonl"', "also a question"),
    _page("an evaluator that is not installed", "evaluator and metrics", '"numeric"', '"numerik"',
          "numerik"),
    _page("a template of no plugin", "variants", 'template = "text"\nsource = "own"\nprompt',
          'template = "plain"\nsource = "own"\nprompt', "plain"),
    _page("a file that is not there", "rows", 'test = "rows.jsonl"', 'test = "row.jsonl"',
          "row.jsonl"),
    _page("options whose answers are read as texts", "rows", 'answer = "answer"',
          'answer = "answer"\nchoices = "options"', "", data={"rows.jsonl": healthy.CHOICES}),
    _page("a setting of the template that is not there", "", _QUESTION,
          'prompt = { question = "Q: {question}\\nA:", suffix = "x" }', "suffix"),
]  # fmt: skip
