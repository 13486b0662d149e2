"""The machine-readable contract: OpenAPI 3.1 for the routes, AsyncAPI 3 for the streams."""

from functools import cache
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from tidings.accounts.policies import admin, public
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.routing import Router
from tidings.notifications.asyncapi import asyncapi_document

_POLICIES = {"public": public, "admin": admin}


def add_description(app: FastAPI, prefix: str, *, docs: str) -> None:
    """Serve both documents to those whom the setting DOCS admits; `off` serves neither."""
    if docs not in _POLICIES:
        return
    router, policy = Router(prefix=prefix, tags=["description"]), _POLICIES[docs]

    @router.get("/openapi.json", policy, include_in_schema=False)
    async def read_openapi() -> Response:
        """The OpenAPI document of every route."""
        return JsonResponse(openapi())

    @router.get("/asyncapi.json", policy, include_in_schema=False)
    async def read_asyncapi() -> Response:
        """The AsyncAPI document of the streams."""
        return JsonResponse(asyncapi_document(prefix))

    @cache
    def openapi() -> dict[str, Any]:
        return openapi_document(app)

    app.include_router(router)


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app's routes."""
    return get_openapi(
        title=app.title, version=app.version, summary=app.summary, openapi_version="3.1.0", routes=app.routes
    )
