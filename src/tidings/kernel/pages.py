"""Keyset pages: a cursor names the last row seen, signed for the one list and caller it was made for."""

import base64
import binascii
import hmac
from typing import Annotated

from fastapi import Query

from tidings.kernel.crypto import Keyring
from tidings.kernel.errors import InvalidCursor

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]
PageCursor = Annotated[str | None, Query(max_length=1_000)]

_SIGNATURE_BYTES = 16


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
