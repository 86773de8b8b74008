"""Sentences of our own in several languages: patterns, and the words that fill them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from attrs import frozen

Language = Literal["en", "zh", "es", "de", "fr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@frozen
class SentenceGrammar:
    """``patterns`` with places such as ``{thing}``, each a key of ``words``."""

    patterns: Sequence[str]
    words: Mapping[str, Sequence[str]]
    between: str = " "
    """Between two sentences."""

    def sentence(self, chance: random.Random) -> str:
        """One sentence, with its full stop."""
        found = chance.choice(self.patterns)
        while "{" in found:
            begin = found.index("{")
            end = found.index("}", begin)
            word = chance.choice(self.words[found[begin + 1 : end]])
            found = found[:begin] + word + found[end + 1 :]
        return found[0].upper() + found[1:]


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",")]


_EN = SentenceGrammar(
    patterns=(
        "The {quality} {thing} stood {place}, and nobody knew why {person} had left it there.",
        "{when}, {person} {did} the {thing} because {reason}.",
        "It was {quality} work, but {person} {did} every {thing} {place} before the evening.",
        "When {person} arrived {place}, the {thing} was already {state}.",
        "Most people believe that {reason}, although the {thing} {place} tells another story.",
        "{person} asked whether the {quality} {thing} could be {state} again.",
        "In the end {reason}, so {person} {did} the {thing} and went home.",
        "There were {number} {quality} things to do: first the {thing}, then the {thing}.",
        "{when} the road {place} was {state}, and {person} had to wait for {number} days.",
        "The report says that {reason}; {person} is not so sure.",
    ),
    words={
        "quality": _split(
            "old, quiet, heavy, bright, narrow, useful, strange, careful, warm, broken, early, "
            "simple, famous, expensive, green, honest, slow, distant"
        ),
        "thing": _split(
            "bridge, letter, garden, engine, map, window, clock, boat, library, machine, kitchen, "
            "photograph, train, contract, mountain, river, station, notebook, market, violin"
        ),
        "place": _split(
            "behind the school, near the harbour, at the edge of the town, in the north, under "
            "the roof, across the street, by the lake, in the old factory, on the third floor"
        ),
        "person": _split(
            "Anna, the teacher, her brother, Mr. Clark, the captain, a young engineer, my "
            "neighbour, the doctor, Samuel, the new director, an old friend"
        ),
        "did": _split(
            "repaired, described, sold, painted, opened, measured, forgot, moved, bought, cleaned"
        ),
        "state": _split(
            "closed, gone, empty, ready, too small, in pieces, covered with snow, sold"
        ),
        "when": _split(
            "last winter, every morning, two years later, on the first day, after the storm, "
            "shortly before noon, in spring"
        ),
        "reason": _split(
            "the price had fallen, nobody else wanted it, the weather was changing, the old plan "
            "did not work, there was no time left, the letter had come too late, the water rose"
        ),
        "number": _split("two, three, four, seven, ten, twelve"),
    },
)
_ZH = SentenceGrammar(
    patterns=(
        "{when}，{person}在{place}看见了一{thing}，觉得非常{quality}。",
        "因为{reason}，所以{person}决定把那{thing}{did}。",
        "{person}说，{place}的生活虽然{quality}，但是大家都很习惯。",
        "没有人知道为什么{place}会有这样{quality}的一{thing}。",
        "{when}，{person}终于{did}了那{thing}，然后回家去了。",
        "报告指出，{reason}，可是{person}并不这么认为。",
        "如果{reason}，我们就应该早一点去{place}。",
        "{person}和朋友们在{place}谈了很久，最后才发现{reason}。",
    ),
    words={
        "when": _split("去年冬天,每天早上,两年以后,那天晚上,春天到来的时候,会议结束之后,昨天下午"),
        "person": _split("老师,王先生,她的哥哥,年轻的工程师,李医生,我的邻居,新来的经理,船长"),
        "place": _split("学校后面,河边,城市的北部,旧工厂里,火车站附近,图书馆,山脚下,市场旁边"),
        "thing": _split("座桥,封信,台机器,张地图,扇窗户,条小路,本笔记,幅画,辆旧车"),
        "quality": _split("安静,奇怪,重要,简单,漂亮,辛苦,有用,普通,昂贵"),
        "did": _split("修好,卖掉,打开,画下来,忘记,搬走,送给别人"),
        "reason": _split(
            "价格已经下降,时间不够,天气正在变化,原来的计划行不通,信来得太晚,水位不断上升"
        ),
    },
    between="",
)
_ES = SentenceGrammar(
    patterns=(
        "{when}, {person} encontró {thing} {place}.",
        "Nadie sabía por qué {reason}, pero {person} volvió {place}.",
        "{person} dijo que {reason} y que {thing} ya no estaba {place}.",
        "Aunque {reason}, {person} decidió vender {thing}.",
        "En el informe se lee que {reason}; {person} no está de acuerdo.",
        "{when} todo era tranquilo {place}, y {person} pintaba {thing}.",
    ),
    words={
        "when": _split(
            "el invierno pasado, cada mañana, dos años después, en primavera, esa noche"
        ),
        "person": _split(
            "la maestra, su hermano, el capitán, una vecina, el médico, Lucía, Andrés"
        ),
        "thing": _split(
            "el puente viejo, la carta, un mapa, la máquina, el reloj, una ventana rota"
        ),
        "place": _split(
            "junto al puerto, cerca del lago, en el norte, detrás de la escuela, allí"
        ),
        "reason": _split(
            "el precio había bajado, no quedaba tiempo, el tiempo estaba cambiando, el agua subía"
        ),
    },
)
_DE = SentenceGrammar(
    patterns=(
        "{when} fand {person} {thing} {place}.",
        "Niemand wusste, warum {reason}, und {person} ging {place} spazieren.",
        "{person} sagte, dass {reason}, obwohl {thing} noch {place} stand.",
        "Weil {reason}, verkaufte {person} {thing} schon am nächsten Tag.",
        "{when} war es {place} sehr still, und {person} zeichnete {thing}.",
        "Im Bericht steht, dass {reason}; {person} glaubt das nicht.",
    ),
    words={
        "when": _split(
            "im letzten Winter, jeden Morgen, zwei Jahre später, im Frühling, am Abend"
        ),
        "person": _split("die Lehrerin, ihr Bruder, der Kapitän, ein Nachbar, die Ärztin, Jakob"),
        "thing": _split("das alte Haus, das Buch, ein Bild, das Fenster, ein Boot, das Radio"),
        "place": _split("am Hafen, hinter der Schule, im Norden, neben dem See, auf dem Markt"),
        "reason": _split(
            "der Preis gefallen war, keine Zeit mehr blieb, das Wetter sich änderte, "
            "das Wasser stieg"
        ),
    },
)
_FR = SentenceGrammar(
    patterns=(
        "{when}, {person} trouva {thing} {place}.",
        "Personne ne savait pourquoi {reason}, mais {person} revint {place}.",
        "{person} disait que {reason} et que {thing} n'était plus {place}.",
        "Comme {reason}, {person} vendit {thing} dès le lendemain.",
        "{when}, tout était calme {place}, et {person} dessinait {thing}.",
        "Selon le rapport, {reason} ; {person} n'en est pas certain.",
    ),
    words={
        "when": _split(
            "l'hiver dernier, chaque matin, deux ans plus tard, au printemps, ce soir-là"
        ),
        "person": _split(
            "la maîtresse, son frère, le capitaine, une voisine, le médecin, Camille"
        ),
        "thing": _split("le vieux pont, la lettre, une carte, la machine, l'horloge, un tableau"),
        "place": _split("près du port, au bord du lac, dans le nord, derrière l'école, là-bas"),
        "reason": _split(
            "le prix avait baissé, le temps manquait, le climat changeait, l'eau montait"
        ),
    },
)

GRAMMARS: Mapping[Language, SentenceGrammar] = {
    "en": _EN, "zh": _ZH, "es": _ES, "de": _DE, "fr": _FR,
}  # fmt: skip

TASKS: Mapping[Language, Sequence[str]] = {
    "en": (
        "Continue this story in the same style.",
        "Summarise the following text in a few sentences.",
        "Rewrite the text below in simple words.",
    ),
    "zh": (
        "请用同样的风格续写下面的故事。",
        "请用几句话概括下面的文字。",
        "请用简单的话改写下面这段文字。",
    ),
    "es": ("Continúa esta historia con el mismo estilo.", "Resume el texto en pocas frases."),
    "de": ("Setze diese Geschichte im gleichen Stil fort.", "Fasse den Text kurz zusammen."),
    "fr": ("Continue cette histoire dans le même style.", "Résume le texte en quelques phrases."),
}
"""What is asked about a text, in its language."""


def paragraph(language: Language, chance: random.Random) -> str:
    """Three to six sentences."""
    grammar = GRAMMARS[language]
    found = [grammar.sentence(chance) for _ in range(chance.randrange(3, 7))]
    return grammar.between.join(found)
