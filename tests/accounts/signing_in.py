"""Signing in, failing to, and what is mailed about it."""

from typing import Any

import httpx
from sqlalchemy import select

from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.outbox.models import Delivery

API = "/api/v1"
ME = f"{API}/users/me"
WRONG = "not the password at all"


async def log_in(client: httpx.AsyncClient, login: str = "ada", password: str = PASSWORD) -> httpx.Response:
    """Sign in with a browser."""
    return await client.post(f"{API}/auth/login", json={"login": login, "password": password})


async def pass_mfa(client: httpx.AsyncClient, mfa_token: str, **proof: Any) -> httpx.Response:
    """Show the second factor."""
    return await client.post(f"{API}/auth/mfa", json={"mfa_token": mfa_token, **proof})


async def half_signed_in(client: httpx.AsyncClient, login: str = "ada") -> str:
    """What is left to show a second factor with."""
    token: str = (await log_in(client, login)).json()["mfa_token"]
    return token


async def confirm(client: httpx.AsyncClient, **proof: Any) -> httpx.Response:
    """Prove again who one is."""
    return await client.post(f"{API}/auth/confirm", json=proof or {"password": PASSWORD})


async def fail(world: World, client: httpx.AsyncClient, login: str = "ada", *, times: int) -> None:
    """Get the password wrong as often as that, waiting as one is told to."""
    failed = 0
    while failed < times:
        answer = await log_in(client, login, WRONG)
        if answer.status_code == 429:
            world.clock.advance(seconds=int(answer.headers["Retry-After"]))
        else:
            assert code(answer) == (401, "invalid_credentials")
            failed += 1


async def letters(world: World) -> list[tuple[str, str | None]]:
    """What was mailed, and where to, in order."""
    async with world.database.read() as session:
        deliveries = (await session.scalars(select(Delivery).order_by(Delivery.id))).all()
    return [(delivery.payload["letter"], delivery.destination) for delivery in deliveries]


async def noted(world: World, action: AuditAction) -> list[dict[str, Any]]:
    """What the audit log says of every such act, in order."""
    async with world.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [entry.detail for entry in entries if entry.action is action]
