"""Stands in for a Label Studio server in tests: what `label_studio` uses of its API, as careless as that is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from aiohttp import web

NOW = "2026-11-18T10:00:00.000000Z"


class FakeLabelStudio:
    """A server on a port of 127.0.0.1 while the block lasts. `projects` by id: title, form, tasks. `fails`: imports to refuse."""

    def __init__(self, token: str = "t") -> None:  # noqa: S107 - of the fake alone
        self.projects: dict[int, dict[str, Any]] = {}
        self.fails = 0
        self.url = ""
        self._token = token
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> FakeLabelStudio:
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def annotate(
        self,
        title: str,
        choices: dict[str, str],
        *,
        skipped: bool = False,
        of: int | None = None,
        marks: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Label every task of a project (or the one at place `of`) as a reviewer would. `marks`: name in the form, value."""
        tasks = next(one for one in self.projects.values() if one["title"] == title)["tasks"]
        for place, task in enumerate(tasks):
            if of is None or of == place:
                result = [
                    {"from_name": name, "to_name": "answer", "type": "choices", "value": {"choices": [value]}}
                    for name, value in choices.items()
                ]
                result += [{"from_name": name, "to_name": "answer", "type": "labels", "value": value} for name, value in marks]
                number = len(task["annotations"]) + 1
                task["annotations"].append({"id": number, "result": result, "was_cancelled": skipped, "updated_at": NOW})

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(middlewares=[self._guard])
        app.router.add_post("/api/token/refresh", self._refresh)
        app.router.add_get("/api/projects/", self._list)
        app.router.add_post("/api/projects/", self._create)
        app.router.add_get("/api/projects/{id}/", self._project)
        app.router.add_patch("/api/projects/{id}/", self._change)
        app.router.add_delete("/api/projects/{id}/", self._delete)
        app.router.add_post("/api/projects/{id}/import", self._import)
        app.router.add_get("/api/projects/{id}/export", self._export)
        app.router.add_get("/api/tasks", self._tasks)
        runner = web.AppRunner(app)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path != "/api/token/refresh" and request.headers.get("Authorization") not in (
            f"Token {self._token}",
            "Bearer access",
        ):
            return web.json_response({"detail": "Authentication token no longer valid"}, status=401)
        if self.fails and request.path.endswith("/import"):
            self.fails -= 1
            return web.json_response({"detail": "secret text of a task"}, status=500)
        return await handler(request)

    async def _refresh(self, request: web.Request) -> web.Response:
        sent = (await request.json())["refresh"]
        return web.json_response({"access": "access"} if sent == self._token else {}, status=200 if sent == self._token else 401)

    async def _list(self, _: web.Request) -> web.Response:
        results = [{"id": number, "title": one["title"]} for number, one in self.projects.items()]
        return web.json_response({"results": results, "next": None})

    async def _create(self, request: web.Request) -> web.Response:
        sent = await request.json()
        number = len(self.projects) + 1
        self.projects[number] = {"title": sent["title"], "form": sent["label_config"], "tasks": []}
        return web.json_response({"id": number}, status=201)

    async def _project(self, request: web.Request) -> web.Response:
        project = self.projects[int(request.match_info["id"])]
        return web.json_response({"title": project["title"], "label_config": project["form"]})

    async def _change(self, request: web.Request) -> web.Response:
        self.projects[int(request.match_info["id"])]["form"] = (await request.json())["label_config"]
        return await self._project(request)

    async def _delete(self, request: web.Request) -> web.Response:
        del self.projects[int(request.match_info["id"])]
        return web.Response(status=204)

    async def _import(self, request: web.Request) -> web.Response:
        tasks = self.projects[int(request.match_info["id"])]["tasks"]
        for one in await request.json():
            tasks.append({"id": len(tasks) + 1, "data": one["data"], "annotations": []})
        return web.json_response({}, status=201)

    async def _export(self, request: web.Request) -> web.Response:
        return web.json_response(self.projects[int(request.match_info["id"])]["tasks"])

    async def _tasks(self, request: web.Request) -> web.Response:
        tasks = self.projects[int(request.query["project"])]["tasks"]
        page, size = int(request.query["page"]), int(request.query["page_size"])
        return web.json_response({"tasks": tasks[(page - 1) * size : page * size], "total": len(tasks)})
