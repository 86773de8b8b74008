"""In an environment with lm-eval: JSON lines of {"choices", "text"} in, letters out, by the
filters of its mmlu_flan_cot_zeroshot (strict-match, then flexible-extract)."""

import json
import re
import sys

from lm_eval.filters.extraction import MultiChoiceRegexFilter, RegexFilter

STRICT = RegexFilter(
    regex_pattern="((?<=The answer is )(.*)(?=.)|(?<=answer is )(.*)(?=.)|"
    "(?<=The answer: )(.*)(?=.)|(?<=The final answer: )(.*)(?=.))"
)
FLEXIBLE = MultiChoiceRegexFilter(
    regex_pattern="(\\([A-Z]\\))", group_select=-1, ignore_case=True, ignore_punctuation=True
)

rows = [json.loads(line) for line in sys.stdin]
texts = [[row["text"]] for row in rows]
docs = [{"choices": row["choices"], "question": row["question"]} for row in rows]
for strict, flexible in zip(STRICT.apply(texts, docs), FLEXIBLE.apply(texts, docs), strict=True):
    letter = re.search("[A-Z]", flexible[0])
    print(json.dumps({"strict": strict[0], "flexible": letter.group(0) if letter else None}))
