"""Serve the built UI: hashed assets for a year, pages never from a cache."""

from html import escape
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
PAGES = (
    *("/", "/sign-in", "/setup", "/inbox", "/deliveries", "/mailbox", "/templates", "/settings", "/system"),
    *("/sign-up", "/verify-email", "/confirm-email", "/undo-email", "/reset-password", "/invitation"),
    *("/security", "/choose-password", "/second-step"),
    *("/profile", "/data", "/person"),
)
# What a path may hold besides letters, digits and -._~ (RFC 3986 §3.3), so that it is what browsers show.
_IN_PATHS = "/!$&'()*+,;=:@"
_NOT_BUILT = (
    "<!doctype html><html lang='en'><head><title>Tidings</title></head><body><h1>The pages are not built</h1>"
    "<p>Run <code>make setup</code> in the source checkout. The API works without them.</p></body></html>"
)


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content never change; the few others are asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file with its caching."""
        response = await super().get_response(path, scope)
        forever = path.startswith("assets/") and response.status_code == 200
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if forever else "no-cache"
        # An embedding page of another origin may load the elements; they carry no secrets.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


def add_pages(app: FastAPI) -> None:
    """Serve the pages at their addresses and everything they load under /static/, also where the app is mounted."""
    app.mount("/static", _Assets(directory=STATIC, check_dir=False), name="static")
    for path in PAGES:
        app.add_api_route(path, _page, methods=["GET", "HEAD"], include_in_schema=False, response_class=HTMLResponse)


def _page(request: Request) -> Response:
    index = STATIC / "index.html"
    if not index.exists():
        return HTMLResponse(_NOT_BUILT, status_code=503)
    page = _under(request.scope.get("root_path", ""), index.read_text(encoding="utf-8"))
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"})


def _under(root_path: str, page: str) -> str:
    """Put the root before every path the page names: of what it loads, and the one its scripts begin theirs with."""
    root = quote(f"{root_path.strip('/')}/", safe=_IN_PATHS).removeprefix("/")
    return page.replace('="/', f'="/{escape(root)}')
