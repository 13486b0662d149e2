"""What is secret never reaches the log."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.kernel.conftest import Http
from tests.kernel.test_protocol import SHORT, START, calling, opened
from tidings.kernel.crypto import new_token
from tidings.kernel.ids import new_id
from tidings.kernel.logging import REDACTED, configure_logging, redact
from tidings.notifications.unsubscribing import Unsubscription, make_token

SECRET = "Hunter2Hunter2Hunter2Hunter2"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where the log goes for one test."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.mark.parametrize(
    "value",
    [
        {"password": SECRET},
        {"new_password": SECRET},
        {"client_secret": SECRET, "x": 1},
        {"Authorization": f"Bearer {SECRET}"},
        {"headers": [{"set-cookie": SECRET}]},
        {"api_key": SECRET},
        {"key": SECRET},
        {"code": SECRET},
        {"deep": {"er": [{"refresh_token": SECRET}]}},
        {"pair": ({"ticket": SECRET}, 1)},
        f"since=1&token={SECRET}&x=2",
        f"?ticket={SECRET}",
        f"GET /ws?TOKEN={SECRET} HTTP/1.1",
        f"tdk_{SECRET}",
        f"Bearer tda_{SECRET}, and more",
        f"smtp://mailer:{SECRET}@host:587",
        f"postgresql+asyncpg://u:{SECRET}@host/db",
        SECRET.encode(),
        {"raw": SECRET.encode()},
    ],
)
def test_a_planted_secret_never_comes_out(out: io.StringIO, value: object) -> None:
    assert SECRET not in json.dumps(redact(value))
    structlog.get_logger("test").info("event", value=value)
    if isinstance(value, str):
        logging.getLogger("library").warning("said %s", value)
    assert out.getvalue()
    assert SECRET not in out.getvalue()


@pytest.mark.parametrize("name", ["password", "token", "secret", "cookie", "authorization", "otp", "code", "key"])
def test_a_secret_named_so_never_comes_out(out: io.StringIO, name: str) -> None:
    structlog.get_logger("test").info("event", **{name: SECRET})
    assert SECRET not in out.getvalue()
    assert json.loads(out.getvalue())[name] == REDACTED


def test_a_secret_in_an_exception_never_comes_out(out: io.StringIO) -> None:
    token = new_token("tdk_")
    try:
        raise RuntimeError(f"no such key {token} at https://u:{SECRET}@host/?token={SECRET}")
    except RuntimeError as error:
        structlog.get_logger("test").error("failed", exc_info=error)
        logging.getLogger("library").exception("failed")
    assert "RuntimeError" in out.getvalue()
    assert token not in out.getvalue()
    assert SECRET not in out.getvalue()


def test_what_is_not_secret_stays(out: io.StringIO) -> None:
    said = {"path": "/users", "type_code": 203, "status": 200, "query": "page=2&search=keys"}
    structlog.get_logger("test").info("request", **said)
    logged = json.loads(out.getvalue())
    assert {name: logged[name] for name in said} == said
    assert (logged["level"], logged["event"]) == ("info", "request")


async def test_a_request_is_logged_without_its_secrets(out: io.StringIO, http: Http, keyring: Any) -> None:
    sealed = make_token(keyring, Unsubscription(new_id(), "insight"))
    await http.get(f"/api/v1/notifications/stream?token={SECRET}&ticket={SECRET}")
    await http.get("/api/v1/notifications", headers={"Authorization": f"Bearer tda_{SECRET}"})
    await http.get(f"/api/v1/notifications/unsubscribe/{sealed}")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    ours = "\n".join(json.dumps(line) for line in lines if line["logger"] != "httpx")
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [401, 401, 200]
    assert all(line["request_id"] for line in requests)
    assert SECRET not in out.getvalue()
    assert sealed not in ours


async def test_why_a_connection_was_ended_is_legible(out: io.StringIO) -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(START)
        await line.rest()
    said = [json.loads(each) for each in out.getvalue().splitlines()]
    assert [each["problem"] for each in said if each["event"] == "request_refused"] == ["request_timeout"]
