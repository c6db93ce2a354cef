"""Prompts in the manner of IFEval, one for each kind of instruction, with three answers.

The first answer follows the prompt; the second does not, loosely read neither; the third follows it but for a wrapper (a first
line of the assistant's own, a last one, or Markdown emphasis), so it fails strictly and passes loosely. Where no wrapper can do
that, the third is None. Written for this benchmark.
"""

from __future__ import annotations

from typing import Any, NamedTuple

WRAPPED = "Sure, here you are, as asked!\n"
LONG = "the harbour museum shows old ships and tells of the people who sailed them to the north"


class Prompt(NamedTuple):
    """A prompt and three answers; see the module."""

    text: str
    kind: str
    settings: dict[str, Any]
    followed: str
    broken: str
    wrapped: str | None


PROMPTS = [
    Prompt("Describe tea. Mention leaf and kettle.", "keywords:existence", {"keywords": ["leaf", "kettle"]},
           "A Leaf steeps in water from the kettle.", "It is a drink.", None),
    Prompt("Write of the sea; use the word wave at least three times.", "keywords:frequency",
           {"keyword": "wave", "frequency": 3, "relation": "at least"}, "Wave upon wave, and another wave.", "One wave.", None),
    Prompt("Recommend a pet; do not say cat or dog.", "keywords:forbidden_words", {"forbidden_words": ["cat", "dog"]},
           "A parrot, in the category of birds.", "A cat would suit you.", "My dog likes this:\nA parrot."),
    Prompt("Greet me; use the letter z at least twice.", "keywords:letter_frequency",
           {"letter": "z", "let_frequency": 2, "let_relation": "at least"}, "Dazzling day!", "Good day!", None),
    Prompt("Antworte auf Deutsch: Was ist ein Hafen?", "language:response_language", {"language": "de"},
           "Ein Hafen ist ein Ort, an dem Schiffe liegen und beladen werden.",
           "A harbour is a place where ships lie and are loaded.",
           "Certainly, here is the full answer you have been asking for in the German language today:\n"
           "Ein Hafen ist ein Ort, wo Schiffe liegen."),
    Prompt("Explain rain in fewer than three sentences.", "length_constraints:number_sentences",
           {"num_sentences": 3, "relation": "less than"}, "Water rises. It falls again.",
           "It rises. It cools. It falls. It flows.", WRAPPED + "Water rises. It falls again."),
    Prompt("Write two paragraphs divided by ***.", "length_constraints:number_paragraphs", {"num_paragraphs": 2},
           "First.\n***\nSecond.", "First. Second.", None),
    Prompt("Answer in at most five words.", "length_constraints:number_words", {"num_words": 6, "relation": "less than"},
           "The shop opens at nine.", "The shop opens at nine in the morning.", WRAPPED + "The shop opens at nine."),
    Prompt("Two paragraphs; the second begins with But.", "length_constraints:nth_paragraph_first_word",
           {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "but"}, "It was late.\n\nBut we went.",
           "But late.\n\nWe went.", "Gladly!\n\nIt was late.\n\nBut we went."),
    Prompt("A letter with two placeholders in brackets.", "detectable_content:number_placeholders", {"num_placeholders": 2},
           "Dear [name], see you in [town].", "Dear [name], see you.", None),
    Prompt("A note with a postscript after P.S.", "detectable_content:postscript", {"postscript_marker": "P.S."},
           "See you.\nP.S. Bring bread.", "See you. Bring bread.", "See you.\n*P.*S.* Bring bread."),
    Prompt("Name two fruits, one bullet each.", "detectable_format:number_bullet_lists", {"num_bullets": 2},
           "* apple\n* pear", "* apple", "- Here they are:\n- apple\n- pear"),
    Prompt("Answer with My answer is yes, no or maybe.", "detectable_format:constrained_response", {},
           "My answer is no.", "No.", "My answer is *no*."),
    Prompt("Highlight two parts with asterisks.", "detectable_format:number_highlighted_sections", {"num_highlights": 2},
           "*Bread* and *wine*.", "*Bread* and wine.", None),
    Prompt("Two sections, each begun with Part and its number.", "detectable_format:multiple_sections",
           {"section_spliter": "Part", "num_sections": 2}, "Part 1\nHere.\nPart 2\nThere.", "Part 1\nAll of it.",
           "Part *1*\nHere.\nPart *2*\nThere."),
    Prompt("The opening hours as JSON.", "detectable_format:json_format", {}, '{"opens": "09:00"}', "opens: 09:00",
           WRAPPED + '{"opens": "09:00"}'),
    Prompt("A poem with its title in double angle brackets.", "detectable_format:title", {}, "<<Rain>>\nIt falls.",
           "Rain\nIt falls.", "<*<Rain>*>\nIt falls."),
    Prompt("Two different answers divided by six asterisks.", "combination:two_responses", {},
           "Tea.\n******\nCoffee.", "Tea.", None),
    Prompt("Repeat: What is a quay? Then answer.", "combination:repeat_prompt", {"prompt_to_repeat": "What is a quay?"},
           "What is a quay? A wall where ships lie.", "A wall where ships lie.", WRAPPED + "What is a quay? A wall."),
    Prompt("End with: Fair winds!", "startend:end_checker", {"end_phrase": "Fair winds!"}, "We sail at dawn. Fair winds!",
           "Fair winds! We sail at dawn.", "We sail at dawn. Fair winds!\nAnything else?"),
    Prompt("Put the whole answer in quotation marks.", "startend:quotation", {}, '"It is open."', "It is open.",
           WRAPPED + '"It is open."'),
    Prompt("Use at least two words in capitals.", "change_case:capital_word_frequency",
           {"capital_frequency": 2, "capital_relation": "at least"}, "NEVER say NEVER.", "NEVER say never.", None),
    Prompt("Answer in capitals, in English.", "change_case:english_capital", {}, f"{LONG.upper()}.", f"{LONG}.",
           f"Sure:\n{LONG.upper()}."),
    Prompt("Answer in lower case, in English.", "change_case:english_lowercase", {}, f"{LONG}.", f"{LONG.upper()}.",
           f"Sure:\n{LONG}."),
    Prompt("No commas, please.", "punctuation:no_comma", {}, "Bread and wine.", "Bread, wine, and cheese.",
           WRAPPED + "Bread and wine."),
]  # fmt: skip
