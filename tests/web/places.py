"""Where a Tidings can live: alone, in another app, behind a proxy that has a path for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from tidings import Tidings


@asynccontextmanager
async def client_of(app: ASGIApp, *, cookies: httpx.Cookies | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks this app."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies) as client:
        yield client


def mounted(tidings: Tidings, path: str) -> FastAPI:
    """An app that has mounted it there."""
    host = FastAPI(lifespan=tidings.lifespan)
    host.mount(path, tidings.app)
    return host


def cutting_off(path: str, app: ASGIApp) -> ASGIApp:
    """A proxy that passes on what comes after its path, as nginx does with `proxy_pass http://tidings/;`."""

    async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            assert f"{scope['path']}/".startswith(f"{path}/"), f"{scope['path']} is none of ours"
            scope = {**scope, "path": scope["path"].removeprefix(path) or "/"}
        await app(scope, receive, send)

    return proxy
