"""From an event to a mail server: what a person is mailed, by a real worker over a real connection."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.channels.email.mails import body, parsed
from tests.channels.email.ordinary import Ordinary, ordinary
from tests.conftest import TEST_KEYS, TEST_TYPES
from tests.outbox.world import QUICK, until
from tests.world import API, BASE_URL, App, Person
from tidings import NotificationType, Tidings
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Language
from tidings.outbox.models import Delivery
from tidings.outbox.types import LEASED, DeliveryState
from tidings.settings import Settings

SHIPPED: dict[str, Any] = {
    "type": "order.shipped",
    "title": None,
    "data": {"number": 17},
    "message": "It is **on its way**.",
}


@pytest.fixture
async def server() -> AsyncIterator[Ordinary]:
    async with ordinary() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, server: Ordinary) -> Settings:
    return Settings(
        data_dir=tmp_path,
        secret_keys=TEST_KEYS,
        base_url=BASE_URL,
        smtp_url=f"smtp://{server.authority}",
        mail_from="The shop <shop@example.org>",
    )


@asynccontextmanager
async def working(tidings: Tidings) -> AsyncIterator[None]:
    """A worker, until everything is sent that can be."""
    tidings.worker_limits = QUICK
    async with tidings.work():
        yield
        await until(nothing_is_left(tidings))


def nothing_is_left(tidings: Tidings) -> Callable[[], Awaitable[bool]]:
    async def is_done() -> bool:
        async with tidings.database.read() as session:
            open_ = Delivery.state.in_([DeliveryState.SCHEDULED, *LEASED])
            return (
                await session.scalar(select(Delivery.id).where(open_, Delivery.due_at <= tidings.clock.now())) is None
            )

    return is_done


async def change(tidings: Tidings, person: Person, **columns: object) -> None:
    async with tidings.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(**columns))


async def mail_decision(person: Person, entry: dict[str, Any]) -> dict[str, Any]:
    found = (await person.client.get(f"/notifications/{entry['id']}/explain")).json()["decisions"]
    decision: dict[str, Any] = next(each for each in found if each["channel"] == "email")
    return decision


async def only_mail(tidings: Tidings, server: Ordinary) -> EmailMessage:
    async with working(tidings):
        pass
    (received,) = server.mails
    return parsed(received.content)


async def test_a_person_is_mailed_what_the_inbox_shows(tidings: Tidings, server: Ordinary, ada: Person) -> None:
    entry = await ada.receives(**SHIPPED, action_url="/orders/17", action_text="See it")
    mail = await only_mail(tidings, server)
    assert (mail["Subject"], mail["From"], mail["To"]) == (
        "Order 17 shipped",
        "The shop <shop@example.org>",
        "Ada <ada@example.org>",
    )
    assert server.mails[0].recipients == ["ada@example.org"]
    assert "It is on its way." in body(mail, "plain") or "It is **on its way**." in body(mail, "plain")
    assert "<strong" in body(mail, "html") or "<b" in body(mail, "html")
    assert f'href="{BASE_URL}/orders/17"' in body(mail, "html")
    assert "See it" in body(mail, "html")
    shown = await ada.sees(entry["id"])
    assert (shown["sent_email"], shown["sent_push"]) == (True, False)
    assert (await mail_decision(ada, entry))["attempts"][0]["outcome"] == "sent"


async def test_every_mail_of_one_delivery_has_one_identity(tidings: Tidings, server: Ordinary, ada: Person) -> None:
    await ada.receives(**SHIPPED)
    async with tidings.database.read() as session:
        (delivery_id,) = (await session.scalars(select(Delivery.id))).all()
    assert (await only_mail(tidings, server))["Message-ID"] == f"<{delivery_id}@example.org>"


async def test_a_mail_is_written_in_the_language_its_reader_reads_now(
    tidings: Tidings, server: Ordinary, ada: Person
) -> None:
    await ada.receives("integration.token_expired", data={"provider": "Strava"}, title=None)
    await change(tidings, ada, preferred_language=Language.GERMAN)
    mail = await only_mail(tidings, server)
    assert "Strava" in mail["Subject"]
    assert "Reconnect" not in mail["Subject"]
    assert 'lang="de"' in body(mail, "html")


async def test_the_link_of_a_mail_stops_such_mails_at_one_click(
    tidings: Tidings, server: Ordinary, ada: Person
) -> None:
    await ada.receives(**SHIPPED)
    mail = await only_mail(tidings, server)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(rf"<{BASE_URL}{API}(/\S+)>", mail["List-Unsubscribe"])
    assert link is not None
    assert (await ada.world.client().post(link[1], data={"List-Unsubscribe": "One-Click"})).status_code == 200
    entry = await ada.receives(**SHIPPED)
    assert (await mail_decision(ada, entry))["reason"] == "type_off"


async def test_a_required_mail_offers_no_way_out(tidings: Tidings, server: Ordinary, ada: Person) -> None:
    await ada.receives("security.code", channels=["in_app", "email"])
    assert "List-Unsubscribe" not in await only_mail(tidings, server)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("read", "already_seen"),
        ("dismiss", "dismissed"),
        ("snooze", "already_seen"),
        ("delete", "deleted"),
        ("switch off", "channel_off"),
        ("lose the address", "no_address"),
        ("be suspended", "user_inactive"),
        ("be superseded", "superseded"),
        ("expire", "expired"),
    ],
)
async def test_what_has_become_needless_is_not_mailed_and_says_why(
    tidings: Tidings, server: Ordinary, ada: Person, act: str, reason: str
) -> None:
    entry = await ada.receives(**SHIPPED, collapse_key="order-17", expires_at="2031-01-01T00:00:00Z")
    match act:
        case "read" | "dismiss":
            await ada.does(act, entry["id"])
        case "snooze":
            await ada.does(act, entry["id"], until="2030-01-01T00:00:00Z")
        case "delete":
            await ada.client.delete(f"/notifications/{entry['id']}")
        case "switch off":
            await ada.client.patch("/notifications/preferences/me", json={"email_enabled": False})
        case "lose the address":
            await change(tidings, ada, email=None)
        case "be suspended":
            await change(tidings, ada, state=AccountState.SUSPENDED)
        case "be superseded":
            await ada.receives(**SHIPPED, collapse_key="order-17", channels=["in_app"])
        case "expire":
            ada.world.clock.advance(days=10_000)
    async with working(tidings):
        pass
    assert server.mails == []
    async with tidings.database.read() as session:
        (row,) = (await session.scalars(select(Delivery))).all()
    assert (row.state, row.reason, row.attempts) == (DeliveryState.SKIPPED, reason, [])
    found = await ada.world.app.client.get(f"/events/{entry['event_id']}/explain", params={"user_id": str(ada.id)})
    mail = next(each for each in found.json()["decisions"] if each["channel"] == "email")
    assert (mail["verdict"], mail["reason"]) == ("skip", reason)


async def test_a_template_that_fails_is_dead_with_its_reason_and_the_entry_stays(
    tidings: Tidings, server: Ordinary, ada: Person
) -> None:
    # Its text fails for one language alone, the one Ada reads by the time the mail is written.
    entry = await ada.receives("fragile", title=None)
    await change(tidings, ada, preferred_language=Language.GERMAN)
    async with working(tidings):
        pass
    assert server.mails == []
    mail = await mail_decision(ada, entry)
    assert (mail["verdict"], mail["attempts"][0]["outcome"]) == ("send", "refused")
    assert "missing" in mail["detail"]
    assert await ada.titles() == [entry["title"]]
    async with tidings.database.read() as session:
        (row,) = (await session.scalars(select(Delivery))).all()
    assert row.state is DeliveryState.DEAD


async def test_an_address_that_does_not_exist_is_not_tried_again(
    tidings: Tidings, server: Ordinary, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.refuses["ada@example.org"] = "550 5.1.1 no such mailbox"
    await ada.receives(**SHIPPED)
    async with working(tidings):
        pass
    later = await mail_decision(ada, await ada.receives(**SHIPPED))
    assert (later["verdict"], later["reason"]) == ("skip", "address_gone")
    await change(tidings, ada, email="ada@example.net")
    assert (await mail_decision(ada, await ada.receives(**SHIPPED)))["verdict"] == "send"


async def test_a_type_that_is_no_longer_declared_is_mailed_as_the_inbox_shows_it(
    tidings: Tidings, server: Ordinary, app: App, ada: Person, settings: Settings
) -> None:
    await ada.receives(**SHIPPED)
    forgetful = Tidings(tidings.database.engine, settings=settings, clock=tidings.clock)
    assert (await only_mail(forgetful, server))["Subject"] == "Order 17 shipped"


@pytest.fixture
def types() -> tuple[NotificationType, ...]:
    fragile = "{% if language == 'de' %}{{ data.missing }}{% else %}It holds{% endif %}"
    return (*TEST_TYPES, NotificationType("fragile", title=fragile, channels=("in_app", "email")))
