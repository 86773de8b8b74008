"""Backends, prompts, scoring, reports and commands with one fault each."""

from __future__ import annotations

from functools import partial

from trial_site import Fault


def _one(kind: str, what: str, by: str, old: str, new: str, words: str = "") -> Fault:
    return Fault(kind=kind, what=what, by=by, code=((old, new),), words=words)


_wire = partial(_one, "backend")
_eval = partial(_one, "evaluator")
_judge = partial(_one, "judged")
_reduce = partial(_one, "reducer")

BACKENDS = [
    _wire("it claims tools and sends none", "capabilities",
          '"tools": [[one.name, one.description, one.parameters] for one in prompt.tools],',
          '"tools": len(prompt.tools),', "tools"),
    _wire("tools without their descriptions", "capabilities", "[one.name, one.description,",
          "[one.name,", "conformance-description"),
    _wire("it claims pictures and sends none", "capabilities",
          "[media.base64 for media in one.media]", "len(one.media)", "images"),
    _wire("it claims log-probabilities and sends no text to score", "capabilities",
          '"scored": prompt.continuation,', '"scored": prompt.continuation is not None,',
          "continuation"),
    _wire("it claims streams and never asks for one", "capabilities",
          '"stream": request.stream,', "", "stream"),
    _wire("it claims usage and reads none", "recorded answers",
          'used = event.get("tokens", used)', "used = None", "usage"),
    _wire("events with tokens are not counted", "recorded answers", "return new", "return 0",
          "TTFT"),
    _wire("bytes decoded before they are whole", "recorded answers", "self.body += data",
          'self.body += data.decode("utf-8", "replace").encode()', "cut"),
    _wire("an answer that was cut counts as whole", "recorded answers", "assert ended", "pass",
          "whole answer"),
    _wire("the wrong text is read", "recorded answers", 'str(event.get("word", ""))',
          'str(event.get("word", "")).lower()', "reads"),
    _wire("a setting is dropped", "generation settings", "**request.generation,",
          "**{k: v for k, v in request.generation.items() if k != 'top_p'},", "top_p"),
    _wire("the prompt is left out of chats", "encode", "[one.role, one.text,", "[one.role,",
          "leaves the prompt out"),
    _wire("a header by chance", "encode", "headers={}",
          "headers={'X-Id': str(__import__('random').random())}", "second time"),
    _wire("a header of the engine", "encode", "headers={}", "headers={'Host': 'x'}", "Host"),
    _wire("a path without a slash", "encode", '"/ask"', '"ask"', "must start"),
    _wire("the decoder raises on noise", "bodies", "except Exception:", "except KeyError:",
          "raises"),
    _wire("the decoder never ends on noise", "bodies", "assert ended",
          "while not ended:\n                pass", "takes more than"),
    _wire("an error status counts as an answer", "error statuses",
          "        if self.status != 200:\n            return Response(fault=",
          '        if self.status == 500:\n            return Response(text="")\n'
          "        if self.status != 200:\n            return Response(fault=", "status 500"),
    _wire("a fault without its status", "error statuses", ", status=self.status", "", "status"),
    _wire("the list of models raises KeyError", "list of models",
          "except (ValueError, TypeError, KeyError, LookupError, RecursionError) as error:",
          "except ValueError as error:", "not ValueError"),
    Fault(kind="backend", what="it can take no prompt", by="offer and settings",
          words="no prompt can reach it",
          offer=(("Capability.TEXT, Capability.CHAT, ", ""),)),
]  # fmt: skip

PROMPTS = [
    Fault(kind="template", what="a chat that is offered as text", by="prompts", words="offer says",
          offer=(("Capability.TEXT", "Capability.CHAT"),)),
    _one("template", "a missing field becomes empty", "prompts", 'sample.fields["question"]',
         'sample.fields.get("question", "")', "does not raise DataError"),
    _one("template", "it changes the sample", "prompts", "        try:\n",
         "        sample.fields['seen'] = True\n        try:\n", "changes the sample"),
    _one("template", "another prompt each time", "prompts", "text=",
         "text=str(__import__('random').random()) + ", "another prompt"),
    _one("retriever", "examples without the seed", "examples",
         'random.Random(f"{seed} {sample.id}")', "random", "same arguments"),
    _one("retriever", "fewer than were asked for", "examples", ", count)\n", ", count // 2)\n",
         "gives"),
    _one("retriever", "one example twice", "examples", ".sample(list(pool), count)",
         ".choices(list(pool), k=count)", "twice"),
    _one("retriever", "too few are given in silence", "examples",
         'raise DataError(f"the pool holds {len(pool)} examples, not {count}")',
         "count = len(pool)", "does not raise DataError"),
    _one("retriever", "it changes the pool", "examples",
         '        return random', "        pool[0].fields['used'] = True\n        return random",
         "changes the sample"),
]  # fmt: skip

EVALUATORS = [
    _eval("right answers below wrong ones", "right answers", "right = found == str(sample.target)",
          "right = found != str(sample.target)", "below wrong"),
    _eval("everything is right", "right answers", "right = found == str(sample.target)",
          "right = True", "as anything is"),
    _eval("the score takes the time of day", "scores in a fresh", "extracted=found",
          'extracted=found + str(__import__("datetime").date.today())', "clock"),
    _eval("the score takes the hash seed", "scores in a fresh", "extracted=found",
          'extracted=found, reason=" ".join(set("some words of a reason that varies".split()))',
          "PYTHONHASHSEED"),
    _eval("values above 1", "any answer", "value=float(right)", "value=0.5 + 50 * 1.0",
          "not in 0..1"),
    _eval("wrong with the value 1", "any answer", "value=float(right)", "value=1.0",
               "with the value 1"),
    _eval("an empty answer raises", "any answer", "words[-1].strip(\".()[]\") if words else \"\"",
          'words[-1].strip(".()[]")', "IndexError"),
    _eval("an expression that backtracks", "any answer", "        words = ",
          "        import re\n        re.match(r'(\\s+)+$', answer.response.text[:60])\n"
          "        re.match(r'(\\w+\\s?)+$', answer.response.text[:40] + '!')\n"
          "        words = ", "more than"),
    _eval("it remembers earlier answers", "any answer", "        words = ",
          "        self.n = getattr(self, 'n', 0) + 1\n        if self.n > 9:\n"
          "            return Score(value=0.0, verdict=Verdict.UNPARSED)\n        words = ",
          "another score"),
    _eval("it changes the sample", "any answer", "        words = ",
          "        sample.fields['seen'] = 1\n        words = ", "changes the sample"),
    _eval("references that only score() refuses", "any reference", "        words = ",
          "        if not isinstance(sample.target, str):\n"
          "            raise TypeError('no text')\n        words = ", ""),
    _eval("a verdict of core's", "any answer", "else Verdict.WRONG", "else Verdict.FAILED",
          "core alone"),
    _eval("no Score", "any answer", "return Score(value=float(right), verdict=verdict, "
          "extracted=found)", "return float(right)", "not Score"),
    _eval("prints each answer", "any answer", "        words = ",
          "        print(answer.response.text[:20])\n        words = ", "prints"),
    _eval("known answers are scored otherwise", "gold", "found == str(sample.target)",
          'found == str(sample.target) and not answer.response.text.startswith("It is")', "It is"),
    _judge("the judge is not shown the answer", "questions", "{answer.response.text}",
           "{sample.id}", "does not show the answer"),
    _judge("the judge is asked nothing", "questions",
           "[Prompt(messages=(Message(role=\"user\", content=text),))]", "[]", "no prompt"),
    _judge("the judge is asked otherwise each time", "questions", "Is this right?",
           "{__import__('random').random()}", "second time"),
    _judge("a judgement above 1", "conclusions", "value=float(right)", "value=10.0",
           "not in 0..1"),
    _judge("a judgement without words raises", "conclusions",
           '        if said not in ("yes", "no"):\n', "        said.split()[0]\n"
           '        if said not in ("yes", "no"):\n', "IndexError"),
    _judge("no judgement can be read", "conclusions", 'in ("yes", "no")', 'in ("YES", "NO")',
           "reads none"),
    _judge("the judge is asked no times", "settings of the judge", '"", 1, {}', '"", 0, {}',
           "judgements is 0"),
    _one("postprocessor", "a list of words", "any answer", "words[0] if words else None", "words",
         "returns list"),
    _one("postprocessor", "an empty answer raises", "any answer", "words[0] if words else None",
         "words[0]", "IndexError"),
    _one("postprocessor", "another word each time", "any answer", "words[0] if",
         "__import__('random').choice(words) if", "another text"),
]  # fmt: skip

FIGURES = [
    _reduce("the first sample counts alone", "figures", "mean = sum(values) / len(values) * 100",
            "mean = groups[0].scores[0].value * 100", "order"),
    _reduce("NaN", "figures", "* 100\n", '* 100\n        mean = float("nan")\n', "finite"),
    _reduce("above 100 %", "figures", "* 100\n", "* 10_000\n", "leaves 0..100"),
    _reduce("more for wrong answers", "figures", "* 100\n", "* 100\n        mean = 100 - mean\n",
            "lower for right"),
    _reduce("n of scores and not of samples", "figures", "n=len(groups)", "n=len(values) + 1",
            "says n"),
    _reduce("0 of no scores", "figures", '            raise ValueError("there are no scores")',
            '            return [Figure(name="NAME", value=0.0, unit="%", n=0, better="up")]',
            "ValueError"),
    _one("load-shape", "instants out of order", "schedules", "        return OpenLoop(due_ns=due)",
         "        return OpenLoop(due_ns=due[::-1])", "not in order"),
    _one("load-shape", "instants by chance", "schedules", "n * 100_000_000 for",
         "n * 100_000_000 + __import__('random').randrange(9) for", "random module"),
    _one("load-shape", "beyond the end of the load", "schedules",
         "if context.horizon_ns is not None", "if False", "horizon"),
    _one("load-shape", "seconds for nanoseconds", "schedules", "n * 100_000_000 for",
         "n * 0.1 for", "whole numbers"),
    _one("summarizer", "a file beside its folder", "any result", 'folder / "tasks.json"',
         'folder.parent / "tasks.json"', ""),
    _one("summarizer", "a file that it does not name", "any result", "files=(file,)", "files=()",
         "does not name"),
    _one("summarizer", "None in the text", "any result", 'text=f"{len(results.tasks)} tasks"',
         'text=str(results.tasks[0].figures[0].low if results.tasks and results.tasks[0].figures '
         'else "")', "where a number is unknown"),
    _one("summarizer", "no task raises", "any result", "        file = ",
         "        results.tasks[0]\n        file = ", "IndexError"),
    _one("summarizer", "JSON that is none", "any result", 'json.dumps({"tasks": len(results.tasks)'
         "})", '"{\'tasks\': NaN}"', "not JSON"),
    _one("summarizer", "the time in its file", "any result", '"tasks": len(results.tasks)',
         '"at": __import__("time").time_ns()', "second time"),
    _one("command", "--help raises", "use", "    parser = ", '    int(words[0])\n    parser = ',
         "ValueError"),
    _one("command", "unknown options are taken", "use", "parser.parse_args(words)",
         "parser.parse_known_args(words)[0]", "must refuse"),
    _one("command", "--help ends with 1", "use", "    args = ",
         "    if '--help' in words:\n        print('usage')\n        return 1\n    args = ",
         "not 0"),
    _one("command", "it never ends", "use", "    parser = ",
         "    import time\n    time.sleep(10_000)\n    parser = ", "takes more than"),
    _one("command", "it ends the process", "use", "    parser = ",
         "    __import__('os')._exit(7)\n    parser = ", "exit code 7"),
]  # fmt: skip
