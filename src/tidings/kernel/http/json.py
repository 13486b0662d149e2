"""JSON answers encoded once by msgspec: times in UTC with Z (RFC 3339), ids as lower-case text."""

from typing import Any

import msgspec
from fastapi.responses import Response


class JsonResponse(Response):
    """An answer whose content is plain values; the route's `response_model` documents its shape."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # Any: JSON is any value
        """The content as UTF-8 JSON."""
        return msgspec.json.encode(content)
