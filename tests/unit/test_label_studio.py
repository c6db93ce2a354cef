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
from dataclasses import replace
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
from goldworks.review.rubric import Rubric, load_rubric

GOOD = {"attribution": "Fully attributable", "completeness": "4", "appropriateness": "4"}
FAILED = "Not fully attributable"
CAT = "The 🐱 takes some days."


def test_the_form_holds_every_choice_of_the_rubric(tmp_path: Path) -> None:
    _, policy = to_review(tmp_path, 2)
    rubric = load_rubric(policy, "docs")
    form = xml.fromstring(labelling_form(rubric))
    found = {one.get("name"): [choice.get("value") for choice in one] for one in form.iter("Choices")}
    assert found == {one.name: list(one.values) for one in rubric.dimensions}
    marks = {one.get("name"): ([label.get("value") for label in one], one.get("toName")) for one in form.iter("Labels")}
    assert marks == {"attribution_marks": (["Not fully attributable"], "answer")}
    assert rubric.by_name["attribution"].marks in {one.get("value") for one in form.iter("Header")}
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


def mark(start: Any, end: Any, text: str | None = None, name: str = "attribution_marks") -> tuple[str, Any]:
    """A marked place as Label Studio has it, with its words."""
    return name, {"start": start, "end": end, "labels": [FAILED], **({"text": text} if text is not None else {})}


def test_marks_come_as_code_points_of_the_newest_annotation_without_their_words(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path)
    rows = [row for row in lake.rows("logs.messages") if row["arrived_on"] == "2026-11-16"]
    said = [{**row, "text": CAT} if row["role"] == "assistant" else row for row in rows]
    lake.replace("logs.messages", said, {"arrived_on": "2026-11-16"})
    rubric = load_rubric(policy, "docs")
    bad = {**GOOD, "attribution": FAILED}
    with FakeLabelStudio() as server:
        studio = LabelStudio(server.url, "t")
        batch = batch_of(lake, policy, rubric, "ann")
        cats = [number for number, (_, material) in enumerate(batch.tasks) if material.answer == CAT]
        studio.push(batch)
        server.annotate("docs v1 ann", bad, marks=[mark(0, 2)])
        server.annotate("docs v1 ann", bad, of=cats[0], marks=[mark(17, 21, "days"), mark(6, 9, "tak"), mark(8, 11, "kes")])
        server.annotate("docs v1 ann", bad, of=cats[1], marks=[mark(18, 22, "days"), mark(16, 18)])
        server.annotate("docs v1 ann", bad, of=cats[2], marks=[mark(17, 21, "weeks")])
        pulled = studio.pull(rubric, "ann")
    assert "days" not in repr(pulled)
    by_task = {one.item_id: one.spans for one in pulled.labels if one.dimension == "attribution"}
    tasks = [task_id for task_id, _ in batch.tasks]
    assert by_task[tasks[cats[0]]] == "17-21 6-9 8-11"
    assert by_task[tasks[cats[1]]] == "17-21 16-18", "UTF-16 units, as the words tell, and code points where nothing tells"
    taken = take_labels(lake, policy, pulled)
    assert taken.refused == {"invalid_spans": 1}, "the words do not stand there in any way of counting"
    stored = {row["task_id"]: row["spans"] for row in lake.rows("review.labels") if row["dimension"] == "attribution"}
    assert stored[tasks[cats[0]]] == ["6-11", "17-21"]
    assert stored[tasks[cats[1]]] == ["16-21"]


@pytest.mark.parametrize(
    ("choices", "marks", "refused"),
    [
        (GOOD, [mark(0, 2)], {"not_markable": 1}),
        ({"completeness": "4"}, [mark(0, 2)], {"malformed": 1}),
        ({"attribution": FAILED}, [mark(0, 2, name="other_marks")], {"malformed": 1}),
        ({"attribution": FAILED}, [mark("0", 2)], {"invalid_spans": 1}),
        ({"attribution": FAILED}, [mark(-3, 2)], {"invalid_spans": 1}),
        ({"attribution": FAILED}, [mark(0, 900)], {"invalid_spans": 1}),
        ({"attribution": FAILED}, [mark(3, 3)], {"invalid_spans": 1}),
        ({"attribution": FAILED}, [("attribution_marks", None)], {"invalid_spans": 1}),
    ],
)
def test_marks_that_the_server_let_through(tmp_path: Path, choices: Any, marks: Any, refused: dict[str, int]) -> None:
    lake, policy = to_review(tmp_path, 2, raters=[])
    rubric = load_rubric(policy, "docs")
    with FakeLabelStudio() as server:
        studio = LabelStudio(server.url, "t")
        studio.push(batch_of(lake, policy, rubric, "ann"))
        server.annotate("docs v1 ann", choices, of=0, marks=marks)
        assert take_labels(lake, policy, studio.pull(rubric, "ann")).refused == refused


def test_a_project_of_before_the_marks_gets_them(tmp_path: Path) -> None:
    lake, policy = to_review(tmp_path, 2)
    rubric = load_rubric(policy, "docs")
    with FakeLabelStudio() as server:
        studio = LabelStudio(server.url, "t")
        batch = batch_of(lake, policy, rubric, "ann")
        studio.push(replace(batch, rubric=without_marks(rubric)))
        assert "<Labels" not in server.projects[1]["form"]
        studio.push(batch)
        assert server.projects[1]["form"] == labelling_form(rubric)


def without_marks(rubric: Rubric) -> Rubric:
    """The rubric as it was before there were marks."""
    return rubric.model_copy(update={"dimensions": tuple(one.model_copy(update={"marks": None}) for one in rubric.dimensions)})


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
    assert studio.push(replace(batch, rubric=without_marks(rubric))).new == len(batch.tasks)
    assert studio.push(batch).known == len(batch.tasks)

    def marked(place: list[int]) -> Any:
        value = {"start": place[0], "end": place[1], "text": ANSWER[slice(*place)], "labels": [FAILED]}
        return {"from_name": "attribution_marks", "to_name": "answer", "type": "labels", "value": value}

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
                if number >= 2:
                    result[0]["value"] = {"choices": [FAILED]}
                    result += [marked(place) for place in ([12, 15], [0, 4], [2, 10])]
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
    marks = [row["spans"] for row in lake.rows("review.labels") if row["is_pass"] is False]
    assert marks == [["0-10", "12-15"]] * (len(tasks) - 2)
    assert take_labels(lake, policy, studio.pull(rubric, "ann")).taken == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", real_server.url)
    assert studio.close(rubric, "ann")
