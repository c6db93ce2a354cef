"""Label Studio: the form from the rubric, push, pull, resume without duplicates; on the fake, and on a real server."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import orjson
import pytest
from review_lake import ANSWER, to_review

from goldworks.adapters.label_studio import LabelStudio, labelling_form, project_title
from goldworks.adapters.label_studio_fake import FakeLabelStudio
from goldworks.errors import GoldworksError, InputError
from goldworks.review.batch import batch_of, open_tasks
from goldworks.review.importing import take_labels
from goldworks.review.rubric import load_rubric

GOOD = {"attribution": "Fully attributable", "completeness": "4", "appropriateness": "4"}


def test_the_form_holds_every_choice_of_the_rubric(tmp_path: Path) -> None:
    _, policy = to_review(tmp_path, 2)
    rubric = load_rubric(policy, "docs")
    form = xml.fromstring(labelling_form(rubric))
    found = {one.get("name"): [choice.get("value") for choice in one] for one in form.iter("Choices")}
    assert found == {one.name: list(one.values) for one in rubric.dimensions}
    assert project_title(rubric, "ann") == "docs v1 ann"
    assert len(project_title(rubric, "x" * 80)) <= 50


@pytest.mark.parametrize("token", ["t", "a.b.c"])
def test_push_pull_and_resume_without_duplicates(tmp_path: Path, token: str) -> None:
    lake, policy = to_review(tmp_path)
    rubric = load_rubric(policy, "docs")
    with FakeLabelStudio(token) as server:
        studio = LabelStudio(server.url, token)
        batch = batch_of(lake, policy, rubric, "ann")
        with pytest.raises(InputError, match="no project"):
            studio.pull(rubric, "ann")
        server.fails = 1
        with pytest.raises(GoldworksError) as error:
            studio.push(batch)
        assert "secret" not in str(error.value)
        assert studio.push(batch).new == len(batch.tasks)
        again = studio.push(batch)
        assert (again.new, again.known) == (0, len(batch.tasks))
        assert len(server.projects) == 1
        server.annotate("docs v1 ann", GOOD)
        server.annotate("docs v1 ann", {**GOOD, "completeness": "great"}, of=0)
        server.annotate("docs v1 ann", GOOD, skipped=True, of=1)
        taken = take_labels(lake, policy, studio.pull(rubric, "ann"))
        assert taken.refused == {"invalid_value": 1}, "Label Studio takes what is not on the scale; the newest annotation counts"
        assert taken.taken == 3 * len(batch.tasks) - 1
        assert take_labels(lake, policy, studio.pull(rubric, "ann")).taken == 0
        assert len(open_tasks(lake, rubric, "ann")) == 1
        assert {row["came_as"] for row in lake.rows("review.labels")} == {"label_studio"}
        assert studio.close(rubric, "ann")
        assert not studio.close(rubric, "ann")
        assert server.projects == {}


def test_a_wrong_token_and_a_silent_server_are_said(tmp_path: Path) -> None:
    _, policy = to_review(tmp_path, 2)
    rubric = load_rubric(policy, "docs")
    with FakeLabelStudio() as server, pytest.raises(InputError, match="refuses the token"):
        LabelStudio(server.url, "wrong").pull(rubric, "ann")
    with pytest.raises(GoldworksError, match="does not answer"):
        LabelStudio("http://127.0.0.1:9", "t").pull(rubric, "ann")


class Account:
    """Signs in to a real server as a browser does, and makes a personal access token."""

    def __init__(self, url: str) -> None:
        self.url, self._jar = url, http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar)).open

    def token(self, email: str, password: str) -> str:
        self._open(f"{self.url}/user/login/").close()
        form = {"csrfmiddlewaretoken": self._csrf, "email": email, "password": password}
        headers = {"Referer": f"{self.url}/user/login/"}
        self._open(urllib.request.Request(f"{self.url}/user/login/", urllib.parse.urlencode(form).encode(), headers)).close()
        headers = {"X-CSRFToken": self._csrf, "Referer": f"{self.url}/"}
        with self._open(urllib.request.Request(f"{self.url}/api/token/", b"", headers)) as reply:
            return orjson.loads(reply.read())["token"]

    @property
    def _csrf(self) -> str:
        return next(cookie.value or "" for cookie in self._jar if cookie.name == "csrftoken")


@pytest.fixture
def real_server(tmp_path: Path) -> Iterator[Account]:
    """A real Label Studio, run by the program that LABEL_STUDIO names: it lives in an environment of its own."""
    program = os.environ.get("LABEL_STUDIO")
    if not program:
        pytest.skip(
            "LABEL_STUDIO names no label-studio program: uv venv DIR; uv pip install --python DIR/bin/python label-studio==1.23.*"
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    switches = {"COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
    environment = {**os.environ, **switches, "LABEL_STUDIO_BASE_DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": "x" * 50}
    command = [program, "start", "--no-browser", "--port", str(port), "--internal-host", "127.0.0.1"]
    command += ["--username", "a@example.org", "--password", "pw-for-test-1"]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/health").close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, (tmp_path / "server.log").read_text()[-2000:]
                time.sleep(1)
        yield Account(url)
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.slow
def test_round_trip_against_a_real_server(tmp_path: Path, real_server: Account) -> None:
    lake, policy = to_review(tmp_path)
    rubric = load_rubric(policy, "docs")
    studio = LabelStudio(real_server.url, real_server.token("a@example.org", "pw-for-test-1"))
    batch = batch_of(lake, policy, rubric, "ann")
    assert studio.push(batch).new == len(batch.tasks)
    assert studio.push(batch).known == len(batch.tasks)

    async def answer() -> list[Any]:
        async with studio._session() as session:
            project = await studio._find(session, "docs v1 ann")
            tasks = await studio._tasks(session, project or 0)
            for number, task in enumerate(tasks):
                said = {**GOOD, "completeness": "great"} if number == 0 else GOOD
                result = [
                    {"from_name": name, "to_name": "answer", "type": "choices", "value": {"choices": [value]}}
                    for name, value in said.items()
                ]
                body = {"result": result, "was_cancelled": number == 1}
                await studio._call(session, "POST", f"/api/tasks/{task['id']}/annotations/", body)
            return tasks

    import asyncio

    tasks = asyncio.run(answer())
    assert len(tasks) == len(batch.tasks)
    assert tasks[0]["data"]["answer"] == ANSWER
    taken = take_labels(lake, policy, studio.pull(rubric, "ann"))
    assert taken.taken == 3 * (len(tasks) - 2) + 2, "one was skipped, one label is not on the scale"
    assert taken.refused == {"invalid_value": 1}
    assert take_labels(lake, policy, studio.pull(rubric, "ann")).taken == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", real_server.url)
    assert studio.close(rubric, "ann")
