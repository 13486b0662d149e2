"""The machine-readable contract: OpenAPI 3.1 for the routes, AsyncAPI 3 for the streams."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from tidings.accounts.policies import admin, public
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.problems import problem_schemas
from tidings.kernel.http.routing import Router, add_routes
from tidings.notifications.asyncapi import asyncapi_document

_POLICIES = {"public": public, "admin": admin}


def add_description(app: FastAPI, *, docs: str) -> None:
    """Serve both documents to those whom the setting DOCS admits; `off` serves neither."""
    if docs not in _POLICIES:
        return
    router, policy = Router(tags=["description"]), _POLICIES[docs]
    router.get("/openapi.json", policy, include_in_schema=False)(_read_openapi)
    router.get("/asyncapi.json", policy, include_in_schema=False)(_read_asyncapi)
    add_routes(app, router)


async def _read_openapi(request: Request) -> Response:
    """The OpenAPI document of every route."""
    app, root = request.app, _root(request)
    if app.openapi_schema is None:  # FastAPI's own place for it, kept as long as the app lives
        app.openapi_schema = openapi_document(app)
    return JsonResponse(app.openapi_schema | ({"servers": [{"url": root}]} if root else {}))


async def _read_asyncapi(request: Request) -> Response:
    """The AsyncAPI document of the streams."""
    return JsonResponse(asyncapi_document(request.url.path.removesuffix("/asyncapi.json")))


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app's routes."""
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, openapi_version="3.1.0", routes=app.routes
    )
    document["components"]["schemas"] |= problem_schemas()
    return document


def _root(request: Request) -> str:
    """The path under which this app is reached, where it is not the root of its server."""
    root: str = request.scope.get("root_path", "")
    return root
