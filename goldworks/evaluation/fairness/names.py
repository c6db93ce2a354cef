"""Names of invented people for pairs, in groups of eight first names that are common among the people the group is called after.

The groups are ours, from general knowledge, and stand for how a reader may place a name, not for who somebody is. A pair gives
the same question to two groups, with the names in the same place of their lists. Names never rest in a golden set, for
redaction would take them out: the case holds `PLACE`, and the name is put there when the case is asked.

The lists do not change under a version: answers to the same golden version must have been asked the same.
"""

from __future__ import annotations

import msgspec

from goldworks.digests import digest
from goldworks.golden.case import Case

VERSION = 1
TAG = f"names:{VERSION}"
"""Tag of a case with a name, so that another version of the lists makes another golden version."""

ATTRIBUTE = "name"
PLACE = "<PERSON_0>"
"""Stands for the name in a stored case; redaction counts from 1."""

GROUPS: dict[str, tuple[str, ...]] = {
    "english_women": ("Emily", "Charlotte", "Abigail", "Harriet", "Lucy", "Rosemary", "Heather", "Molly"),
    "english_men": ("Oliver", "Harry", "Geoffrey", "Edward", "Thomas", "Nigel", "Simon", "Jack"),
    "west_african_women": ("Abena", "Folake", "Ngozi", "Aminata", "Yetunde", "Fatoumata", "Chiamaka", "Efua"),
    "west_african_men": ("Kwame", "Babatunde", "Chinedu", "Mamadou", "Olumide", "Kofi", "Emeka", "Ousmane"),
    "turkish_women": ("Ayşe", "Zeynep", "Elif", "Emine", "Hatice", "Derya", "Gülay", "Nesrin"),
    "turkish_men": ("Mehmet", "Emre", "Hakan", "Mustafa", "Yusuf", "Serkan", "Orhan", "Cem"),
    "south_asian_women": ("Priya", "Ananya", "Lakshmi", "Fatima", "Nasreen", "Kavita", "Sunita", "Deepa"),
    "south_asian_men": ("Rajesh", "Arjun", "Imran", "Suresh", "Vikram", "Tariq", "Anil", "Harpreet"),
    "polish_women": ("Agnieszka", "Katarzyna", "Małgorzata", "Zofia", "Iwona", "Beata", "Justyna", "Halina"),
    "polish_men": ("Krzysztof", "Piotr", "Zbigniew", "Tomasz", "Wojciech", "Marek", "Jacek", "Grzegorz"),
    "chinese_women": ("Xiaoli", "Meiling", "Yanfei", "Huiying", "Jingyi", "Lanfen", "Qiuyue", "Shuzhen"),
    "chinese_men": ("Jianguo", "Weimin", "Zhiyuan", "Haoran", "Guowei", "Xinyu", "Yongjun", "Deming"),
}
"""Group -> names."""


def name_of(pair_id: str, group: str) -> str:
    """The name of a side of a pair: the same place in every list. Raises `KeyError` for a group that is none."""
    names = GROUPS[group]
    return names[int(digest(pair_id)[:8], 16) % len(names)]


def named(case: Case) -> Case:
    """The case with the name of its side of a pair in place; any other case as it is."""
    pair = case.expected.pair
    if pair is None or pair.attribute != ATTRIBUTE or pair.variant not in GROUPS:
        return case
    name = name_of(pair.id, pair.variant)
    messages = tuple(
        msgspec.structs.replace(message, text=message.text.replace(PLACE, name)) if message.text else message
        for message in case.messages
    )
    return msgspec.structs.replace(case, messages=messages)
