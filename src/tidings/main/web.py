"""The web app: every package's routes, the pages, and what stands around them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import StatelessLifespan

from tidings import __version__
from tidings.accounts.api import router as accounts_router
from tidings.console.api import router as console_router
from tidings.kernel.http.headers import SafeHeaders
from tidings.kernel.http.health import add_health
from tidings.kernel.http.problems import add_problem_pages, install_problems
from tidings.kernel.http.routing import API, add_routes
from tidings.kernel.http.shortcuts import Shortcuts
from tidings.notifications.api import SHORTCUTS
from tidings.notifications.api import router as notifications_router
from tidings.settings import Settings
from tidings.web.base_path import BasePath
from tidings.web.description import add_description
from tidings.web.serving import add_pages


def web_app(
    settings: Settings, lifespan: StatelessLifespan[FastAPI], state: Mapping[str, Any]
) -> FastAPI:  # Any: each route knows the type of what it asks the state for
    """The app; `state` is what its routes find in `app.state`."""
    app = FastAPI(
        title="Tidings",
        version=__version__,
        summary="Accounts, connected services and notifications.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for name, value in state.items():
        setattr(app.state, name, value)
    install_problems(app)
    add_routes(app, notifications_router, accounts_router, console_router)
    add_description(app, docs=settings.docs)
    add_problem_pages(app)
    add_health(app)
    add_pages(app)
    app.add_middleware(Shortcuts, shortcuts={API + path: answer for path, answer in SHORTCUTS.items()})
    if path := unquote(urlsplit(settings.base_url).path):
        app.add_middleware(BasePath, path=path)
    if settings.allowed_origins:
        app.add_middleware(CORSMiddleware, **_cors(settings))
    app.add_middleware(SafeHeaders, https=settings.is_https)
    return app


def _cors(settings: Settings) -> dict[str, Any]:  # Any: keyword arguments of Starlette's middleware
    return {
        "allow_origins": list(settings.allowed_origins),
        "allow_credentials": True,
        "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
        "allow_headers": ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID"],
        "expose_headers": [
            "ETag",
            "Link",
            "RateLimit-Policy",
            "RateLimit",
            "Retry-After",
            "Idempotent-Replayed",
        ],
    }
