"""Keyset pages: a cursor names the last row seen, signed for the one list and caller it was made for."""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

from tidings.kernel.crypto import Keyring
from tidings.kernel.errors import InvalidCursor

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]
PageCursor = Annotated[str | None, Query(max_length=1_000)]

MAX_NUMBER = 1_000_000
PageNumber = Annotated[int, Query(ge=1, le=MAX_NUMBER)]

_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Numbered:
    """The numbered page (from 1) that older clients ask for, and its size; None for what was not asked."""

    number: int | None
    size: int | None


async def _numbered(
    page: PageNumber | None = None,
    page_number: PageNumber | None = None,
    page_size: PageSize | None = None,
    num_records: PageSize | None = None,
) -> Numbered:
    return Numbered(page or page_number, page_size or num_records)


AskedNumber = Annotated[Numbered, Depends(_numbered)]
"""By either name: `page` or `page_number`, `page_size` or `num_records`."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Part:
    """Which part is asked for of a list that is read whole, because it cannot be long; all of it unless a size is."""

    request: Request
    response: Response
    size: int
    cursor: str | None

    def of(
        self, rows: Sequence[Row], *, name: Callable[[Row], object] = attrgetter("id")
    ) -> tuple[Sequence[Row], str | None]:
        """The rows of this part, and the cursor of the next; a `Link` header says the same.

        A cursor holds the name of the last row seen, and its place in case that row is gone. Raises InvalidCursor.
        """
        start = self._start([str(name(row)) for row in rows])
        shown = rows[start : start + self.size]
        if start + self.size >= len(rows):
            return shown, None
        position = f"{start + self.size}:{name(shown[-1])}"
        cursor = cursor_after(self.request.app.state.keyring, self._scope, position)
        following = self.request.url.include_query_params(cursor=cursor)
        self.response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        return shown, cursor

    def _start(self, names: Sequence[str]) -> int:
        if self.cursor is None:
            return 0
        place, _, seen = read_cursor(self.request.app.state.keyring, self._scope, self.cursor).partition(":")
        return names.index(seen) + 1 if seen in names else int(place)

    @property
    def _scope(self) -> str:
        return f"{self.request.url.path}:{self.request.state.idempotency_scope}"


async def _part(
    request: Request, response: Response, cursor: PageCursor = None, page_size: PageSize = MAX_PAGE_SIZE
) -> Part:
    return Part(request, response, page_size, cursor)


AskedPart = Annotated[Part, Depends(_part)]


def cursor_after(keyring: Keyring, scope: str, position: str) -> str:
    """The opaque cursor of the rows after `position` in the list that `scope` names (list, owner and filters)."""
    raw = position.encode()
    return base64.urlsafe_b64encode(keyring.sign(f"page:{scope}", raw) + raw).decode().rstrip("=")


def read_cursor(keyring: Keyring, scope: str, cursor: str) -> str:
    """The position a cursor names. Raises InvalidCursor when it was not made for this scope."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor() from error
    signature, position = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, keyring.sign(f"page:{scope}", position)):
        raise InvalidCursor()
    return position.decode()
