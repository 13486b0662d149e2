"""Letters of accounts: what each says, and how they wait and leave."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.outbox.world import Post
from tests.templates.documents import Document
from tidings.accounts.letters import LETTERS, SAMPLES, Reader
from tidings.accounts.mailing import AccountMails, LetterNotFilled, UnknownLetter, fill_letter, new_letter
from tidings.accounts.types import Language
from tidings.channels.base import Outcome, Sent
from tidings.channels.email.composing import Mail
from tidings.kernel.crypto import new_key_text, parse_keys
from tidings.kernel.db import database_on
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryKind, DeliveryState
from tidings.outbox.writing import NewDelivery
from tidings.templates.letters import House, write_letter

HOUSE = House(url="https://tidings.example/people")
KEYS = parse_keys(new_key_text())
ADA = UUID("01980000-0000-7000-8000-00000000ada0")
ODD = st.text(alphabet="<>\"'&;/[]()*_`{%} \nabx", min_size=1).map(lambda text: f"x{text}")


def shown(letter: str, reader: Reader, **changes: str | int) -> tuple[str, Document]:
    """The text and the HTML of a letter with its sample values, some of them changed."""
    both = write_letter(LETTERS[letter](reader, **{**SAMPLES[letter], **changes}), house=reader.house)
    return both.text, Document(both.html)


def reader(language: str = "us", name: str | None = "Ada") -> Reader:
    return Reader(house=HOUSE, language=language, name=name)


# --- what they say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [each.value for each in Language])
@pytest.mark.parametrize("letter", sorted(LETTERS))
def test_every_letter_can_be_written_in_every_language(letter: str, language: str) -> None:
    said, document = shown(letter, reader(language))
    assert "{{" not in said + document.text
    assert said.startswith(("Ada", "Hello", "Guten", "Bonjour", "Hola", "Ola", "Olá", "Buon", "Beste", "Pozdr", "Hej"))


@pytest.mark.parametrize(
    ("letter", "path"),
    [
        ("verify_email", "/verify-email"),
        ("password_reset", "/reset-password"),
        ("confirm_email", "/confirm-email"),
        ("email_changed", "/undo-email"),
        ("invitation", "/invitation"),
    ],
)
def test_a_token_travels_in_a_link_of_the_configured_server(letter: str, path: str) -> None:
    said, document = shown(letter, reader(), token="a+b/c=&d")
    link = f"https://tidings.example/people{path}?token=a%2Bb%2Fc%3D%26d"
    assert link in said.split("\n")
    assert link in document.links


@pytest.mark.parametrize("letter", sorted(LETTERS))
def test_every_link_leads_to_the_configured_server(letter: str) -> None:
    _, document = shown(letter, reader())
    assert all(link == HOUSE.url or link.startswith(f"{HOUSE.url}/") for link in document.links)


def test_a_letter_without_anything_to_do_has_no_button() -> None:
    assert shown("rejected", reader())[1].links == [HOUSE.url]


def test_a_new_device_is_described_by_what_is_known_of_it() -> None:
    said, _ = shown("new_device", reader("de"), device="", place="", at="2026-03-09T08:30:00+01:00")
    facts = [line for line in said.split("\n") if re.match("(Gerät|Browser|IP-Adresse|Zeit|Ort):", line)]
    assert facts == ["Browser: Firefox 150", "IP-Adresse: 203.0.113.7", "Zeit: 9. März 2026, 07:30:00 UTC"]


def test_somebody_whose_name_is_unknown_is_not_greeted_by_it() -> None:
    assert shown("approved", reader(name=None))[0].startswith("Your sign-up at Tidings was approved.")


@settings(deadline=None)
@given(name=ODD, device=ODD, browser=ODD, place=ODD)
def test_what_strangers_chose_has_no_meaning(name: str, device: str, browser: str, place: str) -> None:
    _, usual = shown("new_device", reader())
    _, odd = shown("new_device", reader(name=name), device=device, browser=browser, place=place)
    assert (odd.shape, odd.links) == (usual.shape, usual.links)


@settings(deadline=None)
@given(inviter=ODD, address=ODD)
def test_a_name_or_an_address_cannot_make_a_link(inviter: str, address: str) -> None:
    assert shown("invitation", reader(), invited_by=inviter)[1].shape == shown("invitation", reader())[1].shape
    assert shown("email_changed", reader(), new_email=address)[1].shape == shown("email_changed", reader())[1].shape


# --- how they wait and leave ---------------------------------------------------------------------------------


@dataclass
class Outgoing:
    """A Sender that keeps what it took."""

    mails: list[Mail] = field(default_factory=list)

    def provider(self, _message: Mail) -> str:
        return "outgoing"

    async def send(self, message: Mail, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        await handing_over()
        self.mails.append(message)
        return Sent()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def post(engine: AsyncEngine, clock: StoppedClock) -> AsyncIterator[Post]:
    """An empty outbox."""
    database = database_on(engine)
    async with database.write() as session:
        await session.execute(delete(Delivery))
    post = Post(database, clock)
    yield post
    await post.kill()


def reset(clock: StoppedClock, **changes: str | int) -> NewDelivery:
    """A letter to Ada with a link for a new password."""
    now = clock.now()
    return new_letter(
        "password_reset",
        {"token": "tdm_secret-token", "hours": 1, **changes},
        keyring=KEYS,
        to="ada@example.org",
        key="password_reset:1",
        now=now,
        language="de",
        user_id=ADA,
        name="Ada Lovelace",
        expires_at=now + timedelta(hours=1),
    )


async def test_a_letter_reaches_its_reader_in_their_language(post: Post, clock: StoppedClock) -> None:
    outgoing, delivery = Outgoing(), reset(clock)
    await post.put(delivery)
    post.start(prepare=AccountMails(keyring=KEYS, house=HOUSE), setup={"sender": outgoing})
    await post.becomes(delivery, DeliveryState.SENT)
    (mail,) = outgoing.mails
    assert (mail.delivery_id, mail.date) == (delivery.id, delivery.created_at)
    assert (mail.to.value, mail.to.name, mail.subject) == (
        "ada@example.org",
        "Ada Lovelace",
        "Neues Passwort festlegen",
    )
    assert f"{HOUSE.url}/reset-password?token=tdm_secret-token" in mail.text.split("\n")
    assert "tdm_secret-token" in (mail.html or "")
    assert mail.unsubscribe_url is None


async def test_the_database_holds_nothing_of_a_letter_that_opens_an_account(post: Post, clock: StoppedClock) -> None:
    await post.put(reset(clock))
    async with post.database.read() as session:
        row = (await session.execute(text("SELECT * FROM tidings_deliveries"))).one()
    stored = str(row)
    assert "password_reset" in stored
    assert not re.search("secret-token|Lovelace", stored)


async def test_a_letter_copied_to_another_delivery_cannot_be_read(post: Post, clock: StoppedClock) -> None:
    letter, other = reset(clock), reset(clock)
    moved = post.new(kind=DeliveryKind.ACCOUNT, destination="eve@example.org", payload=letter.payload, id=other.id)
    outgoing = Outgoing()
    await post.put(moved)
    post.start(prepare=AccountMails(keyring=KEYS, house=HOUSE), setup={"sender": outgoing})
    await post.all_end(hours=2)
    row = await post.row(moved)
    assert (row.state, outgoing.mails) == (DeliveryState.DEAD, [])
    assert "cannot read the secret" in (row.last_error or "")


async def test_a_letter_that_only_a_newer_release_knows_is_tried_again(post: Post, clock: StoppedClock) -> None:
    delivery = reset(clock)
    newer = post.new(
        kind=DeliveryKind.ACCOUNT,
        destination="ada@example.org",
        payload={**delivery.payload, "letter": "birthday"},
        id=delivery.id,
    )
    await post.put(newer)
    post.start(prepare=AccountMails(keyring=KEYS, house=HOUSE), setup={"sender": Outgoing()})
    await post.all_end(hours=2)
    assert "There is no letter 'birthday'" in ((await post.row(newer)).last_error or "")


async def test_a_letter_without_an_address_is_skipped(post: Post, clock: StoppedClock) -> None:
    delivery = post.new(kind=DeliveryKind.ACCOUNT, payload=reset(clock).payload)
    await post.put(delivery)
    post.start(prepare=AccountMails(keyring=KEYS, house=HOUSE), setup={"sender": Outgoing()})
    assert (await post.becomes(delivery, DeliveryState.SKIPPED)).reason == "no_address"


def test_an_unknown_letter_is_refused_by_its_name(clock: StoppedClock) -> None:
    with pytest.raises(UnknownLetter, match="There is no letter 'birthday'; there are verify_email"):
        new_letter("birthday", {}, keyring=KEYS, to="a@example.org", key="1", now=clock.now(), language="us")


@pytest.mark.parametrize("values", [{}, {"token": "x"}, {"token": "x", "hours": 1, "name": "Eve"}])
def test_a_letter_with_other_values_is_refused_before_it_waits(
    clock: StoppedClock, values: dict[str, str | int]
) -> None:
    with pytest.raises(LetterNotFilled, match="The letter 'password_reset'"):
        new_letter("password_reset", values, keyring=KEYS, to="a@example.org", key="1", now=clock.now(), language="us")
    with pytest.raises(LetterNotFilled):
        fill_letter("password_reset", reader(), values)


async def test_a_letter_whose_key_is_gone_cannot_be_read(post: Post, clock: StoppedClock) -> None:
    delivery = reset(clock)
    await post.put(delivery)
    other = parse_keys(new_key_text())
    post.start(prepare=AccountMails(keyring=other, house=HOUSE), setup={"sender": Outgoing()})
    await post.all_end(hours=2)
    assert (await post.row(delivery)).state is not DeliveryState.SENT
