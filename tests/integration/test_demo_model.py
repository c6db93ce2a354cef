"""The sample's real model: served for a `with` block, the same answer every time, back after a crash, gone at the end."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldworks.demo import model
from goldworks.demo.knowledge import questions
from goldworks.errors import GoldworksError
from goldworks.evaluation.answers import Question
from goldworks.evaluation.targets.openai_chat import OpenAIChatPolicy, body
from goldworks.policies import load_policy
from goldworks.settings import PROJECT_ROOT


@pytest.fixture
def server() -> Iterator[model.ModelServer]:
    try:
        weights = model.weights()
    except GoldworksError as error:
        pytest.skip(f"the sample's model cannot be served here: {error}")
    server = model.ModelServer(weights, port=0, threads=1, timeout_s=30)
    server.start()
    yield server
    server.stop()


def request(release: str) -> dict[str, Any]:
    """What release d1 or d2 is asked about the first question of the sample."""
    question = questions()[0]
    policy = load_policy(PROJECT_ROOT / "expectations" / "targets" / f"harbor-docs-{release}.yml", OpenAIChatPolicy)
    passages = ({"id": question.source.id, "text": question.source.text},)
    return body(policy, Question("case", ({"role": "user", "text": question.ask[0]},), passages))


def ask(base_url: str, what: dict[str, Any]) -> str:
    data = json.dumps(what).encode()
    post = urllib.request.Request(f"{base_url}/chat/completions", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(post, timeout=60) as response:
        return json.load(response)["choices"][0]["message"]["content"]


def test_it_answers_the_same_each_time_and_comes_back_after_a_crash(server: model.ModelServer):
    first = ask(server.base_url, request("d2"))
    assert ask(server.base_url, request("d2")) == first
    address, child = server.base_url, server.pid
    assert child is not None
    os.kill(child, signal.SIGKILL)
    for _ in range(100):
        try:
            again = ask(address, request("d2"))
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    else:
        pytest.fail("the model did not come back")
    assert again == first
    assert server.restarts == 1


def test_nothing_listens_after_the_block(server: model.ModelServer):
    address = server.base_url
    server.stop()
    with pytest.raises((urllib.error.URLError, OSError)):
        ask(address, request("d1"))


def test_the_second_release_sees_the_page_and_the_first_does_not():
    source = questions()[0].source.text
    assert source not in json.dumps(request("d1"), ensure_ascii=False)
    assert source in request("d2")["messages"][-1]["content"]
    assert request("d1")["messages"][0] == request("d2")["messages"][0]


def test_without_the_packages_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(model, "SERVER_PACKAGE", "no_such_server_package")
    with pytest.raises(GoldworksError, match="--recorded"):
        model.weights()
    monkeypatch.undo()
    monkeypatch.setattr(model, "WEIGHTS_PACKAGE", "no-such-weights-package")
    with pytest.raises(GoldworksError, match="--recorded"):
        model.weights()
