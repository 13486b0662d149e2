"""A file that is sent as the one part `file` of a form (RFC 7578), read once the caller is known and not too busy."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from tidings.accounts.callers import CurrentCaller
from tidings.accounts.limiting import limit_uploads
from tidings.kernel.errors import BodyTooLarge, Fault, InvalidRequest, UnsupportedMediaType

MAX_FILE_BYTES = 10 * (1 << 20)
MAX_BYTES = MAX_FILE_BYTES + (1 << 16)
"""Of the whole body, with what is around the file; a route that takes a file says so with `max_body_bytes`."""
_FORM = "multipart/form-data"
FILE_BODY: dict[str, Any] = {  # Any: a piece of an OpenAPI document
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
                    "additionalProperties": False,
                }
            }
        },
    }
}


async def _file(request: Request, caller: CurrentCaller) -> bytes:
    await limit_uploads(request, caller)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise UnsupportedMediaType(f"The body must be sent as {_FORM}.")
    async with request.form(max_files=1, max_fields=0) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidRequest(faults=[Fault("/file", "missing", "The form has no file of this name.")])
        if (file.size or 0) > MAX_FILE_BYTES:
            raise BodyTooLarge()
        return await file.read()


UploadedFile = Annotated[bytes, Depends(_file)]
