"""Redacting answers: a value that the answer brings never gets the token of one that stood in the question."""

from __future__ import annotations

import pytest

from goldworks.evaluation.answers import Answer, Call, Question
from goldworks.evaluation.redacting import redacted
from goldworks.redaction import Redactor, load_redactor
from goldworks.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return load_redactor(PROJECT_ROOT / "expectations" / "policies" / "redaction.yml", bytes(32), "off")


def test_tokens_of_the_question_are_given_to_no_other_value(redactor: Redactor):
    asked = Question("c", ({"role": "user", "text": "I am at <EMAIL_ADDRESS_1>, or <EMAIL_ADDRESS_3>"},))
    new = Answer("c", 0, text="Ask jo@corp.example.com", tool_calls=(Call("send", {"to": "<EMAIL_ADDRESS_1>"}),))
    bare = Question("c", ({"role": "user", "text": "Hello"},))
    with_tokens, without = redacted([new, new], redactor, [asked, bare])
    assert with_tokens.text == "Ask <EMAIL_ADDRESS_4>"
    assert with_tokens.tool_calls == new.tool_calls
    assert without.text == "Ask <EMAIL_ADDRESS_2>"
    (alone,) = redacted([Answer("c", 0, text="Ask jo@corp.example.com")], redactor)
    assert alone.text == "Ask <EMAIL_ADDRESS_1>"
