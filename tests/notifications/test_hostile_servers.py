"""A mail server that refuses, stalls, breaks off or has had enough: what a person and an operator see of it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import trustme

from tests.channels.email.mails import SENDER, parsed
from tests.channels.email.peer import CLOSE, RESET, STALL, Answer, Peer, Script, hostile
from tests.conftest import TEST_TYPES
from tests.notifications.test_mails import nothing_is_left
from tests.outbox.world import QUICK, until
from tests.world import Person, World
from tidings import NotificationType, Tidings
from tidings.channels.email.channel import EmailChannel
from tidings.channels.email.server import parse_smtp_url
from tidings.channels.email.timeouts import Timeouts
from tidings.settings import Settings

ONCE = NotificationType("door.code", title="The door's code", channels=("in_app", "email"), once=True)
RESEND = "order.shipped"
STALL_S = 1.0
TIMEOUT_OF = {"banner": "connect", "RCPT": "rcpt", "DATA": "data", "dot": "final_dot"}
TLS_OFFERED = "250-peer\r\n250 STARTTLS"
SIGN_IN = "250-peer\r\n250 AUTH PLAIN"


@pytest.fixture
def types() -> tuple[NotificationType, ...]:
    return (*TEST_TYPES, ONCE)


@asynccontextmanager
async def mailing(
    tidings: Tidings, script: Script, *, connections: int = 1, tls: trustme.CA | None = None, user: str = ""
) -> AsyncIterator[Peer]:
    """A worker whose mail server follows this script."""
    async with hostile(script, tls=None if tls is None else shown_by(tls)) as peer:
        email = EmailChannel(
            parse_smtp_url(peer.url.replace("://", f"://{user}")),
            sender=SENDER,
            connections=connections,
            timeouts=patience_with(script),
            tls_context=None if tls is None else trusting(tls),
        )
        tidings.mail = replace(tidings.mail, channel=email, provider="peer", close=email.close)
        tidings.worker_limits = QUICK
        async with tidings.work():
            yield peer


def patience_with(script: Script) -> Timeouts:
    """The usual one, but for a step that stalls."""
    stalled = [step for step, answers in script.items() if isinstance(answers, list) and STALL in answers]
    return Timeouts(**{TIMEOUT_OF[step]: STALL_S for step in stalled})


def shown_by(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def settled(tidings: Tidings) -> None:
    """Wait until nothing is due any more at this time of day."""
    await until(nothing_is_left(tidings))


async def later(world: World, **by: float) -> None:
    """Let time pass, and wait until what is due by then was tried."""
    world.clock.advance(**by)
    await settled(world.tidings)


async def shown(grace: Person) -> list[dict[str, Any]]:
    """Every delivery as an operator sees it, oldest first."""
    found = await grace.client.get("/deliveries")
    assert found.status_code == 200, found.text
    deliveries: list[dict[str, Any]] = found.json()["deliveries"]
    return deliveries[::-1]


async def explained(person: Person, entry: dict[str, Any]) -> dict[str, Any]:
    """What the person is told of the mail for this entry."""
    found = (await person.client.get(f"/notifications/{entry['id']}/explain")).json()["decisions"]
    decision: dict[str, Any] = next(each for each in found if each["channel"] == "email")
    return decision


@pytest.mark.parametrize(
    ("script", "outcome", "reason", "words"),
    [
        ({"MAIL": "550 5.7.1 sender refused"}, "refused", None, "MAIL: 550 5.7.1 sender refused"),
        ({"MAIL": "552 5.3.4 too big"}, "refused", None, "MAIL: 552 5.3.4 too big"),
        ({"dot": "552 5.3.4 too big"}, "refused", None, "the content: 552 5.3.4 too big"),
        ({"RCPT": "550 5.7.1 not from you"}, "refused", None, "RCPT: 550 5.7.1 not from you"),
        ({"RCPT": "550 5.1.1 no such user"}, "gone", "address_gone", "RCPT: 550 5.1.1 no such user"),
        ({"dot": "554 5.7.1 spam"}, "refused", None, "the content: 554 5.7.1 spam"),
    ],
)
async def test_a_refusal_is_final_and_says_why(
    world: World, ada: Person, grace: Person, script: Script, outcome: str, reason: str | None, words: str
) -> None:
    async with mailing(world.tidings, script):
        entry = await ada.receives(RESEND)
        await settled(world.tidings)
        await later(world, days=1)
    (delivery,) = await shown(grace)
    assert (delivery["state"], delivery["reason"], delivery["last_error"]) == ("dead", reason, words)
    assert [(each["outcome"], each["detail"]) for each in delivery["attempts"]] == [(outcome, words)]
    told = await explained(ada, entry)
    assert told["detail"] == f"It could not be sent. {words}"
    assert told["attempts"] == delivery["attempts"]
    assert await ada.titles() == [entry["title"]]


async def test_an_address_that_is_gone_is_left_alone_and_the_wish_for_mail_stays(
    world: World, ada: Person, grace: Person
) -> None:
    preferences = (await ada.client.get("/notifications/preferences/me")).json()
    async with mailing(world.tidings, {"RCPT": "550 5.1.1 no such user"}) as peer:
        await ada.receives(RESEND)
        await settled(world.tidings)
        later_told = await explained(ada, await ada.receives(RESEND))
    assert (later_told["verdict"], later_told["reason"]) == ("skip", "address_gone")
    assert peer.verbs.count("MAIL") == 1
    assert len(await shown(grace)) == 1
    assert (await ada.client.get("/notifications/preferences/me")).json() == preferences


BREAKS: list[tuple[Script, str, str]] = [
    ({"RCPT": ["450 4.2.0 greylisted", "250 ok"]}, "retry", "RCPT: 450 4.2.0 greylisted"),
    ({"dot": ["452 4.2.2 no room", "250 ok"]}, "retry", "the content: 452 4.2.2 no room"),
    ({"banner": ["421 4.3.2 going down", "220 hello"]}, "retry", "421 4.3.2 going down"),
    ({"MAIL": ["421 4.3.2 going down", "250 ok"]}, "retry", "MAIL: 421 4.3.2 going down"),
    ({"dot": ["421 4.3.2 going down", "250 ok"]}, "retry", "the content: 421 4.3.2 going down"),
    ({"banner": [STALL, "220 hello"]}, "retry", "no answer in time"),
    ({"RCPT": [STALL, "250 ok"]}, "retry", "RCPT: no answer in time"),
    ({"DATA": [STALL, "354 go on"]}, "retry", "DATA: no answer in time"),
    ({"dot": [STALL, "250 ok"]}, "unknown", "after the content: no answer in time"),
    ({"banner": [RESET, "220 hello"]}, "retry", ""),
    ({"EHLO": [RESET, "250 peer"]}, "retry", ""),
    ({"MAIL": [RESET, "250 ok"]}, "retry", "MAIL: "),
    ({"RCPT": [RESET, "250 ok"]}, "retry", "RCPT: "),
    ({"DATA": [RESET, "354 go on"]}, "retry", "DATA: "),
    ({"dot": [RESET, "250 ok"]}, "unknown", "after the content: "),
    ({"dot": [CLOSE, "250 ok"]}, "unknown", "after the content: "),
    ({"EHLO": [TLS_OFFERED, "250 peer"], "STARTTLS": "454 4.7.0 no TLS now"}, "retry", "454 4.7.0 no TLS now"),
]


@pytest.mark.parametrize(("script", "outcome", "words"), BREAKS)
async def test_a_failure_that_may_pass_is_tried_again_until_it_is_sent(
    world: World, ada: Person, grace: Person, script: Script, outcome: str, words: str
) -> None:
    async with mailing(world.tidings, script) as peer:
        entry = await ada.receives(RESEND)
        await settled(world.tidings)
        (delivery,) = await shown(grace)
        assert (delivery["state"], delivery["attempt"]) == ("scheduled", 1)
        assert words in delivery["last_error"]
        told = await explained(ada, entry)
        assert told["detail"] == f"It waits to be sent. {delivery['last_error']}"
        assert told["due_at"] == delivery["due_at"]
        assert waits(world, delivery)
        await later(world, hours=1)
    (delivery,) = await shown(grace)
    assert (delivery["state"], delivery["attempt"]) == ("sent", 2)
    assert [each["outcome"] for each in delivery["attempts"]] == [outcome, "sent"]
    identities = [parsed(mail)["Message-ID"] for mail in peer.mails]
    assert set(identities) == {f"<{delivery['id']}@example.org>"}
    assert len(identities) == (2 if "dot" in script else 1)
    assert (await explained(ada, entry))["detail"] == "The next system has taken it."
    assert (await ada.sees(entry["id"]))["sent_email"]


@pytest.mark.parametrize("deed", [STALL, RESET])
async def test_what_must_not_be_repeated_is_left_to_the_operator_when_nobody_knows(
    world: World, ada: Person, grace: Person, deed: Answer
) -> None:
    async with mailing(world.tidings, {"dot": [deed, "250 ok"]}) as peer:
        entry = await ada.receives(ONCE.key)
        await settled(world.tidings)
        await ada.receives(RESEND)
        await later(world, days=1)
        unknown, other = await shown(grace)
        assert (unknown["state"], other["state"]) == ("unknown", "sent")
        assert [each["outcome"] for each in unknown["attempts"]] == ["unknown"]
        assert (await explained(ada, entry))["detail"].startswith("Nobody knows whether it arrived; it is left to the")
        assert len(peer.mails) == 2
        assert (await grace.client.post(f"/deliveries/{unknown['id']}/retry")).status_code == 200
        await settled(world.tidings)
    assert [each["state"] for each in await shown(grace)] == ["sent", "sent"]
    assert [parsed(mail)["Message-ID"] for mail in peer.mails].count(f"<{unknown['id']}@example.org>") == 2


async def test_a_password_that_is_refused_is_the_operators_to_mend(world: World, ada: Person, grace: Person) -> None:
    script: Script = {"EHLO": SIGN_IN, "AUTH": ["535 5.7.8 hunter2 is wrong", "235 2.7.0 welcome"]}
    async with mailing(world.tidings, script, tls=trustme.CA(), user="ada:hunter2@"):
        entry = await ada.receives(RESEND)
        await settled(world.tidings)
        (delivery,) = await shown(grace)
        assert delivery["state"] == "scheduled"
        assert delivery["last_error"].endswith("signing in as ada was refused: 535 5.7.8")
        assert "hunter2" not in (await explained(ada, entry))["detail"]
        await later(world, hours=1)
    assert [each["state"] for each in await shown(grace)] == ["sent"]


async def test_a_server_that_takes_few_connections_gets_everything_in_the_end(
    world: World, ada: Person, grace: Person
) -> None:
    enough = "421 4.7.0 too many connections"
    world.tidings.settings = world.tidings.settings.model_copy(update={"smtp_connections": 4})
    async with mailing(world.tidings, {"banner": ["220 hello", enough, enough, enough, "220 hello"]}, connections=4):
        for _ in range(6):
            await ada.receives(RESEND)
        await settled(world.tidings)
        for _ in range(4):
            await later(world, minutes=10)
    deliveries = await shown(grace)
    assert [each["state"] for each in deliveries] == ["sent"] * 6


async def test_a_server_that_is_down_costs_few_attempts_and_nothing_is_lost(
    world: World, ada: Person, grace: Person
) -> None:
    """Two outages open the breaker, later a single mail tries the server; what waits meanwhile is not charged."""
    down = "421 4.3.2 down for maintenance"
    world.tidings.settings = one_at_a_time(world)
    async with mailing(world.tidings, {"banner": [down, down, down, "220 hello"]}) as peer:
        for _ in range(5):
            await ada.receives(RESEND)
        await settled(world.tidings)
        assert await charged(grace) == 2
        assert all(waits(world, each) for each in await shown(grace))
        await later(world, seconds=40)
        assert (await charged(grace), peer.connections) == (3, 3)
        await later(world, minutes=2)
        await later(world, minutes=2)
    assert [each["state"] for each in await shown(grace)] == ["sent"] * 5
    assert (await charged(grace), len(peer.mails)) == (3 + 5, 5)


async def test_a_rate_delays_mails_and_charges_nothing(world: World, ada: Person, grace: Person) -> None:
    world.tidings.settings = one_at_a_time(world).model_copy(update={"smtp_per_minute": 6})
    async with mailing(world.tidings, {}) as peer:
        for _ in range(3):
            await ada.receives(RESEND)
        await settled(world.tidings)
        for sent in (1, 2, 3):
            assert len(peer.mails) == sent
            waiting = [each for each in await shown(grace) if each["state"] == "scheduled"]
            assert [each["attempt"] for each in waiting] == [0] * (3 - sent)
            assert all(waits(world, each) for each in waiting)
            await later(world, seconds=14)
    assert [(each["state"], each["attempt"]) for each in await shown(grace)] == [("sent", 1)] * 3


def one_at_a_time(world: World) -> Settings:
    return world.tidings.settings.model_copy(update={"smtp_connections": 1})


def waits(world: World, delivery: dict[str, Any]) -> bool:
    """Whether it is to be tried later."""
    return delivery["state"] == "scheduled" and datetime.fromisoformat(delivery["due_at"]) > world.clock.now()


async def charged(grace: Person) -> int:
    """How many attempts were charged in all."""
    return sum(each["attempt"] for each in await shown(grace))
