"""The answers that show an inbox: a page of it, and its counters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from tidings.kernel.db import AnyRow
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.pages import cursor_after, read_cursor
from tidings.notifications.queries import HeadView, ListFilter


@dataclass(frozen=True, slots=True)
class AskedPage:
    """Which page of whose inbox a request asks for."""

    owner: UUID
    wanted: ListFilter
    number: int
    size: int

    @property
    def scope(self) -> str:
        """What its cursors are good for: this list of this owner."""
        return f"notifications:{self.owner}:{self.wanted!r}"

    def position_of(self, request: Request, cursor: str | None) -> UUID | None:
        """The sort id after which the page begins. Raises InvalidCursor."""
        return UUID(read_cursor(request.app.state.keyring, self.scope, cursor)) if cursor else None


def page_response(
    request: Request, asked: AskedPage, head: HeadView, found: Sequence[AnyRow], shown: list[dict[str, Any]]
) -> Response:
    """A page: `found` may hold one row beyond it, which says that there is more; `shown` are its entries as JSON."""
    has_more = len(found) > asked.size
    position = str(found[asked.size - 1].sort_id) if has_more else None
    next_cursor = cursor_after(request.app.state.keyring, asked.scope, position) if position else None
    body = {
        "notifications": shown,
        "total": head.total if asked.wanted.is_plain else None,
        "unread_count": head.unread,
        "unseen_count": head.unseen,
        "page": asked.number,
        "page_size": asked.size,
        "has_more": has_more,
        "next_cursor": next_cursor,
        "cursor": head.cursor,
    }
    return JsonResponse(body, headers=_next_link(request, next_cursor))


def counters_response(request: Request, head: HeadView) -> Response:
    """The counters, or 304 when the caller has them. The ETag changes with every change of the inbox and only then."""
    tag = f'"{head.cursor}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in (each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    counts = {"unread_count": head.unread, "unseen_count": head.unseen, "total": head.total}
    return JsonResponse(counts, headers=headers)


def _next_link(request: Request, next_cursor: str | None) -> dict[str, str]:
    if next_cursor is None:
        return {}
    kept = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"page", "page_number", "cursor"}
    ]
    return {"Link": f'<{request.url.path}?{urlencode([*kept, ("cursor", next_cursor)])}>; rel="next"'}
