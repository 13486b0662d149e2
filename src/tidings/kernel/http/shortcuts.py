"""Shortcuts: the few requests that open pages make all the time, answered before a route is looked for."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

Shortcut: TypeAlias = Callable[[Request], Awaitable[Response | None]]
"""Answers a GET just as its route would, or with None leaves it to the route."""


class Shortcuts:
    """ASGI middleware: of these paths, what is ordinary is answered at once, and all else as if this were absent."""

    def __init__(self, app: ASGIApp, *, shortcuts: Mapping[str, Shortcut]) -> None:
        self.app = app
        self.shortcuts = shortcuts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = None
        if scope["type"] == "http" and scope["method"] == "GET":
            answer = self.shortcuts.get(scope["path"].removeprefix(scope.get("root_path", "")))
            response = await answer(Request(scope, receive)) if answer is not None else None
        await (response or self.app)(scope, receive, send)
