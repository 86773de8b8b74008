"""Made-up prompts in the form of the published file."""
# ruff: noqa
# fmt: off

EXEMPLAR_NUMBER_ANSWERS = [2, 4, 6, 8, 10, 12, 14, 16]

MGSM_EXEMPLARS = {
    "en": {
        "1": {
            "q": "Question: Ada has 1 owls and buys 1. How many has she?",
            "a": "Step-by-Step Answer: 1 + 1 = 2. The answer is 2."
        },
        "2": {
            "q": "Question: Ada has 2 owls and buys 2. How many has she?",
            "a": "Step-by-Step Answer: 2 + 2 = 4. The answer is 4."
        },
        "3": {
            "q": "Question: Ada has 3 owls and buys 3. How many has she?",
            "a": "Step-by-Step Answer: 3 + 3 = 6. The answer is 6."
        },
        "4": {
            "q": "Question: Ada has 4 owls and buys 4. How many has she?",
            "a": "Step-by-Step Answer: 4 + 4 = 8. The answer is 8."
        },
        "5": {
            "q": "Question: Ada has 5 owls and buys 5. How many has she?",
            "a": "Step-by-Step Answer: 5 + 5 = 10. The answer is 10."
        },
        "6": {
            "q": "Question: Ada has 6 owls and buys 6. How many has she?",
            "a": "Step-by-Step Answer: 6 + 6 = 12. The answer is 12."
        },
        "7": {
            "q": "Question: Ada has 7 owls and buys 7. How many has she?",
            "a": "Step-by-Step Answer: 7 + 7 = 14. The answer is 14."
        },
        "8": {
            "q": "Question: Ada has 8 owls and buys 8. How many has she?",
            "a": "Step-by-Step Answer: 8 + 8 = 16. The answer is 16."
        }
    },
    "zh": {
        "1": {
            "q": "问题：阿达有 1 只猫头鹰，又买了 1 只。现在有几只？",
            "a": "逐步解答：1 + 1 = 2。答案是 2。"
        },
        "2": {
            "q": "问题：阿达有 2 只猫头鹰，又买了 2 只。现在有几只？",
            "a": "逐步解答：2 + 2 = 4。答案是 4。"
        },
        "3": {
            "q": "问题：阿达有 3 只猫头鹰，又买了 3 只。现在有几只？",
            "a": "逐步解答：3 + 3 = 6。答案是 6。"
        },
        "4": {
            "q": "问题：阿达有 4 只猫头鹰，又买了 4 只。现在有几只？",
            "a": "逐步解答：4 + 4 = 8。答案是 8。"
        },
        "5": {
            "q": "问题：阿达有 5 只猫头鹰，又买了 5 只。现在有几只？",
            "a": "逐步解答：5 + 5 = 10。答案是 10。"
        },
        "6": {
            "q": "问题：阿达有 6 只猫头鹰，又买了 6 只。现在有几只？",
            "a": "逐步解答：6 + 6 = 12。答案是 12。"
        },
        "7": {
            "q": "问题：阿达有 7 只猫头鹰，又买了 7 只。现在有几只？",
            "a": "逐步解答：7 + 7 = 14。答案是 14。"
        },
        "8": {
            "q": "问题：阿达有 8 只猫头鹰，又买了 8 只。现在有几只？",
            "a": "逐步解答：8 + 8 = 16。答案是 16。"
        }
    }
}
