"""A login as JSON, or as the form of an OAuth2 password grant (RFC 6749 §4.3.2)."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from tidings.accounts.schemas import LoginIn
from tidings.kernel.errors import Fault, InvalidCharacter, InvalidRequest, UnsupportedMediaType

_FORM = "application/x-www-form-urlencoded"
_PASSWORD_GRANT = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {
        "grant_type": {"type": "string", "const": "password"},
        "username": {"type": "string"},
        "password": {"type": "string", "format": "password"},
        "scope": {"type": "string", "description": "Not used."},
    },
}
REQUEST_BODY: dict[str, Any] = {  # Any: a piece of an OpenAPI document
    "required": True,
    "content": {
        "application/json": {"schema": LoginIn.model_json_schema()},
        _FORM: {"schema": _PASSWORD_GRANT},
    },
}


async def _login(request: Request) -> LoginIn:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == _FORM:
        values = await _grant(request)
    elif media_type == "application/json":
        values = await request.json()
    else:
        raise UnsupportedMediaType(f"The body must be sent as application/json or {_FORM}.")
    try:
        return LoginIn.model_validate(values)
    except ValidationError as error:
        named = {"login": "username"} if media_type == _FORM else {}
        where = [("body", *(named.get(str(step), step) for step in each["loc"])) for each in error.errors()]
        raise RequestValidationError(
            [{**each, "loc": loc} for each, loc in zip(error.errors(), where, strict=True)], body=values
        ) from None


async def _grant(request: Request) -> dict[str, Any]:  # Any: not validated yet
    """The fields we know; others are passed over, as RFC 6749 §3.2 asks."""
    form = await request.form()
    if any("\0" in value for value in form.values() if isinstance(value, str)):
        raise InvalidCharacter()
    if form.get("grant_type", "password") != "password":
        raise InvalidRequest(faults=[Fault("/grant_type", "literal_error", "Only `password` is served.")])
    renamed = {"username": "login", "password": "password"}
    return {renamed[name]: value for name, value in form.items() if name in renamed}


JsonOrFormLogin = Annotated[LoginIn, Depends(_login)]
