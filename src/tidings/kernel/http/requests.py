"""Reading a request body with its limits: size while it streams in, then nesting and characters of its JSON."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from fastapi import Request

from tidings.kernel.errors import BodyTooLarge, InvalidCharacter, JsonTooDeep, MalformedJson
from tidings.kernel.nul import holds_nul

MAX_BODY_BYTES = 1 << 20
MAX_JSON_DEPTH = 32
_DIGITS_OF_A_LENGTH = 20


class CheckedRequest(Request):
    """A request that refuses a body over its limit, deep JSON and NUL characters before anybody looks at it."""

    max_body_bytes = MAX_BODY_BYTES

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives. Raises BodyTooLarge as soon as it is known to be."""
        if self._announced_bytes() > self.max_body_bytes:
            raise BodyTooLarge()
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > self.max_body_bytes:
                raise BodyTooLarge()
            yield chunk

    def _announced_bytes(self) -> int:
        """Nothing for what is no length (RFC 9110 §8.6): what arrives is counted anyway."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS_OF_A_LENGTH else 0

    async def json(self) -> Any:  # Any: JSON is any value
        """The body as a value. Raises MalformedJson, JsonTooDeep or InvalidCharacter."""
        if not hasattr(self, "_json"):
            self._json = parse_json(await self.body())
        return self._json


def parse_json(body: bytes) -> Any:  # Any: JSON is any value
    """Decode JSON (RFC 8259) within our limits. Raises MalformedJson, JsonTooDeep or InvalidCharacter."""
    try:
        value = msgspec.json.decode(body)
    except RecursionError as error:
        raise JsonTooDeep() from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedJson(f"The body is not JSON: {error}") from error
    _check_depth(value)
    if b"\\u0000" in body and holds_nul(value):
        raise InvalidCharacter()
    return value


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            raise JsonTooDeep()
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
