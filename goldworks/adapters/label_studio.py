"""Label Studio over its HTTP API: one project per reviewer and rubric version, its form made from the rubric.

Label Studio knows neither roles nor whether an answer is on the scale, and takes the same task twice: which tasks a project has
is asked before any is sent, and labels are judged when they are imported, as those of any other file.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as xml

import aiohttp
import orjson

from goldworks.errors import GoldworksError, InputError
from goldworks.review.batch import Batch
from goldworks.review.label_files import Given, LabelFile
from goldworks.review.rubric import Rubric
from goldworks.review.spans import UNREADABLE, in_code_points, plain, written

PAGE = 500
"""Tasks asked for, and sent, at a time."""

TIMEOUT = aiohttp.ClientTimeout(total=120, connect=10)


@dataclass(frozen=True, slots=True)
class Pushed:
    """Tasks that were sent, and tasks that the project had already."""

    project: str
    new: int
    known: int


def project_title(rubric: Rubric, rater: str) -> str:
    """Name of the project; it holds at most 50 characters, so a long one ends in a digest."""
    title = f"{rubric.name} v{rubric.version} {rater}"
    return title if len(title) <= 50 else f"{title[:37]} {hashlib.sha256(title.encode()).hexdigest()[:12]}"


def labelling_form(rubric: Rubric) -> str:
    """The project's labelling interface: conversation, passages, answer, and of each dimension the choices with their meaning and
    what to mark in the answer.
    """
    view = xml.Element("View")
    xml.SubElement(view, "Header", value=rubric.title)
    xml.SubElement(
        view, "Paragraphs", name="conversation", value="$conversation", layout="dialogue", nameKey="role", textKey="text"
    )
    xml.SubElement(view, "Header", value="Passages", size="5")
    xml.SubElement(view, "Text", name="passages", value="$passages")
    xml.SubElement(view, "Header", value="Answer", size="5")
    xml.SubElement(view, "Text", name="answer", value="$answer")
    for dimension in rubric.dimensions:
        xml.SubElement(view, "Header", value=dimension.question, size="5")
        if dimension.marks:
            xml.SubElement(view, "Header", value=dimension.marks, size="6")
            labels = xml.SubElement(view, "Labels", name=dimension.marks_name, toName="answer")
            for choice in dimension.failing:
                xml.SubElement(labels, "Label", value=choice.value, hint=choice.meaning)
        required = "true" if dimension.is_required else "false"
        choices = xml.SubElement(
            view, "Choices", name=dimension.name, toName="answer", choice="single-radio", showInline="false", required=required
        )
        for choice in dimension.scale:
            xml.SubElement(choices, "Choice", value=choice.value, hint=choice.meaning)
    return xml.tostring(view, encoding="unicode")


class LabelStudio:
    """A server. `token`: a personal access token of its account page, or a legacy token where the server takes these."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url.rstrip("/"), token

    def push(self, batch: Batch) -> Pushed:
        """Send the batch's tasks that the reviewer's project has not; killed and called again it ends the same."""
        return asyncio.run(self._push(batch))

    def pull(self, rubric: Rubric, rater: str) -> LabelFile:
        """The labels that the reviewer submitted, newest annotation of each task; skipped tasks have none."""
        return asyncio.run(self._pull(rubric, rater))

    def close(self, rubric: Rubric, rater: str) -> bool:
        """Delete the reviewer's project with its texts; False when there was none. An erasure does not reach the server."""
        return asyncio.run(self._close(rubric, rater))

    async def _push(self, batch: Batch) -> Pushed:
        title = project_title(batch.rubric, batch.rater)
        async with self._session() as session:
            project = await self._find(session, title)
            if project is None:
                form = {"title": title, "label_config": labelling_form(batch.rubric), "show_skip_button": True}
                project = (await self._call(session, "POST", "/api/projects/", form))["id"]
            else:
                await self._renew_form(session, project, batch.rubric)
            known = {task["data"].get("task_id") for task in await self._tasks(session, project)}
            new = [_task(task_id, material) for task_id, material in batch.tasks if task_id not in known]
            for start in range(0, len(new), PAGE):
                await self._call(session, "POST", f"/api/projects/{project}/import", new[start : start + PAGE])
            return Pushed(title, len(new), len(batch.tasks) - len(new))

    async def _renew_form(self, session: aiohttp.ClientSession, project: int, rubric: Rubric) -> None:
        """Marks raise no version of a rubric: a project that was made before there were any gets them."""
        known = (await self._call(session, "GET", f"/api/projects/{project}/"))["label_config"]
        if any(one.marks and f'name="{one.marks_name}"' not in known for one in rubric.dimensions):
            await self._call(session, "PATCH", f"/api/projects/{project}/", {"label_config": labelling_form(rubric)})

    async def _pull(self, rubric: Rubric, rater: str) -> LabelFile:
        title = project_title(rubric, rater)
        async with self._session() as session:
            project = await self._find(session, title)
            if project is None:
                raise InputError(
                    f"Label Studio has no project {title!r}", remedy=f"goldworks review push {rubric.name} --rater {rater}"
                )
            tasks = await self._call(session, "GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true")
        tasks = sorted(tasks, key=lambda task: task["id"])
        labels = [one for line, task in enumerate(tasks, 1) for one in _labels(line, task, rubric, rater)]
        digest = hashlib.sha256(orjson.dumps([repr(one) for one in labels])).hexdigest()
        return LabelFile("label_studio", digest, tuple(labels), is_filled=True)

    async def _close(self, rubric: Rubric, rater: str) -> bool:
        async with self._session() as session:
            project = await self._find(session, project_title(rubric, rater))
            if project is not None:
                await self._call(session, "DELETE", f"/api/projects/{project}/")
            return project is not None

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=TIMEOUT)

    async def _authorization(self, session: aiohttp.ClientSession) -> str:
        """A personal access token is a JWT, which buys access for some minutes; a legacy token is taken as it is."""
        if self._token.count(".") != 2:
            return f"Token {self._token}"
        found = await self._send(session, "POST", "/api/token/refresh", {"refresh": self._token}, {})
        return f"Bearer {found['access']}"

    async def _call(self, session: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": await self._authorization(session)}
        return await self._send(session, method, path, body, headers)

    async def _send(self, session: aiohttp.ClientSession, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        """The decoded answer. Raises `GoldworksError` without what the server said, for it may quote what was sent."""
        try:
            async with session.request(method, f"{self._url}{path}", json=body, headers=headers) as reply:
                data = await reply.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            raise GoldworksError(
                f"Label Studio at {self._url} does not answer: {type(error).__name__}", remedy="see that it runs, and try again"
            ) from None
        if reply.status in (401, 403):
            raise InputError(
                f"Label Studio at {self._url} refuses the token",
                remedy="set GOLDWORKS_LABEL_STUDIO_TOKEN to a personal access token (Account & Settings in Label Studio)",
            )
        if reply.status >= 400:
            raise GoldworksError(f"Label Studio: {method} {path.partition('?')[0]} gave {reply.status}")
        return orjson.loads(data) if data else None

    async def _find(self, session: aiohttp.ClientSession, title: str) -> int | None:
        page = 1
        while True:
            found = await self._call(session, "GET", f"/api/projects/?page={page}&page_size=100")
            for project in found["results"]:
                if project["title"] == title:
                    return project["id"]
            if not found.get("next"):
                return None
            page += 1

    async def _tasks(self, session: aiohttp.ClientSession, project: int) -> list[Any]:
        tasks: list[Any] = []
        while True:
            page = len(tasks) // PAGE + 1
            found = await self._call(session, "GET", f"/api/tasks?project={project}&page={page}&page_size={PAGE}&fields=all")
            tasks += found["tasks"]
            if len(found["tasks"]) < PAGE or len(tasks) >= found.get("total", 0):
                return tasks


def _task(task_id: str, material: Any) -> dict[str, Any]:
    conversation = [{"role": said.role, "text": said.text} for said in material.conversation]
    passages = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(material.passages, 1)) or "(none)"
    return {
        "data": {"task_id": task_id, "conversation": conversation, "passages": passages, "answer": material.answer or "(empty)"}
    }


def _labels(line: int, task: Mapping[str, Any], rubric: Rubric, rater: str) -> list[Given]:
    """Labels of a task's newest annotation that was not skipped, with what it marks; what the server lets through and is none is
    given as it is. Whatever failing choice words are marked with, they go with the choice that was made.
    """
    there = [one for one in task.get("annotations") or () if not one.get("was_cancelled")]
    if not there:
        return []
    newest = max(there, key=lambda one: (one.get("updated_at") or one.get("created_at") or "", one.get("id") or 0))
    data = task.get("data") or {}
    answer = str(data.get("answer") or "")
    of_marks = {one.marks_name: one.name for one in rubric.dimensions if one.marks}
    marks: dict[str, list[str]] = {}
    chosen: list[tuple[str, str]] = []
    for result in newest.get("result") or ():
        name, said = str(result.get("from_name") or ""), result.get("value") or {}
        if name in of_marks:
            marks.setdefault(of_marks[name], []).append(_span(answer, said))
        else:
            choices = said.get("choices")
            chosen.append((name, str(choices[0]) if isinstance(choices, list) and len(choices) == 1 else ""))
    chosen += [(name, "") for name in marks if name not in dict(chosen)]
    return [
        Given(
            line,
            item_id=str(data.get("task_id") or ""),
            rater=rater,
            dimension=name,
            value=value,
            created_at=str(newest.get("updated_at") or newest.get("created_at") or ""),
            rubric=rubric.name,
            rubric_version=str(rubric.version),
            label_kind="human",
            spans=plain(" ".join(marks.get(name, ()))),
            shown=answer if name in marks else "",
        )
        for name, value in chosen
    ]


def _span(answer: str, said: Mapping[str, Any]) -> str:
    """A mark as `start-end`. Label Studio counts code points, older ones counted UTF-16 units; the words that it sends as well
    tell which, and are dropped.
    """
    start, end, words = (said.get(name) for name in ("start", "end", "text"))
    if not isinstance(start, int) or not isinstance(end, int):
        return UNREADABLE
    span = in_code_points(answer, start, end, words if isinstance(words, str) else None)
    return " ".join(written([span])) if span else UNREADABLE
