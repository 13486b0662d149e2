"""One-time codes of an authenticator app."""

import base64
from datetime import UTC, datetime
from xml.etree import ElementTree

import pyotp
import pytest
from sqlalchemy import select, update

from tests.accounts.factors import ME, TOTP, totp_of, turn_on_totp
from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import ActorKind, AuditAction
from tidings.accounts.mfa.models import Totp
from tidings.accounts.mfa.totp import check_totp, matching_step
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.outbox.models import Delivery

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


# RFC 6238, appendix B: the last six of its eight digits, which are what a code of six digits is (RFC 4226 §5.3).
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_of_rfc_6238_match_their_times(seconds: int, expected: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(RFC_SECRET, expected[-6:], now=now, after=-1) == seconds // 30


# RFC 4226, appendix D: the codes of the counters 0 to 9.
@pytest.mark.parametrize(
    ("counter", "expected"),
    [
        (0, "755224"),
        (1, "287082"),
        (2, "359152"),
        (3, "969429"),
        (4, "338314"),
        (5, "254676"),
        (6, "287922"),
        (7, "162583"),
        (8, "399871"),
        (9, "520489"),
    ],
)
def test_the_codes_of_rfc_4226_match_their_counters(counter: int, expected: str) -> None:
    now = datetime.fromtimestamp(counter * 30, UTC)
    assert matching_step(RFC_SECRET, expected, now=now, after=-1) == counter


def test_a_code_of_a_neighbouring_step_matches_and_one_further_off_does_not() -> None:
    app, now = pyotp.TOTP(RFC_SECRET), datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)
    present = app.timecode(now)
    found = {
        offset: matching_step(RFC_SECRET, app.generate_otp(present + offset), now=now, after=-1)
        for offset in range(-3, 4)
    }
    assert found == {-3: None, -2: None, -1: present - 1, 0: present, 1: present + 1, 2: None, 3: None}


@pytest.mark.parametrize("wrong", ["", "1", "00000", "0000000", "abcdef", "\N{ARABIC-INDIC DIGIT ONE}" * 6, "\ud800"])
def test_what_is_no_code_matches_nothing(wrong: str) -> None:
    assert matching_step(RFC_SECRET, wrong, now=datetime(2026, 3, 2, tzinfo=UTC), after=-1) is None


async def test_the_secret_is_shown_as_text_as_uri_and_as_a_qr_code(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        started = (await browser.post(TOTP)).json()
    parsed = pyotp.parse_uri(started["otpauth_uri"])
    assert (parsed.secret, parsed.name, parsed.issuer) == (started["secret"], "ada", "Tidings")
    assert len(base64.b32decode(started["secret"])) == 20
    assert ElementTree.fromstring(started["qr_svg"]).tag.endswith("svg")  # noqa: S314  our own answer


async def test_a_first_code_turns_one_time_codes_on(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        app = pyotp.TOTP((await browser.post(TOTP)).json()["secret"])
        assert (await browser.get(ME)).json()["mfa_enabled"] is False
        confirmed = await browser.post(f"{TOTP}/confirm", json={"code": app.at(world.clock.now())})
        assert confirmed.json() == {"mfa_enabled": True, "methods": ["totp"], "recovery_codes_left": 0}
        assert (await browser.get(ME)).json()["mfa_enabled"] is True


async def test_a_wrong_first_code_turns_nothing_on(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        app = pyotp.TOTP((await browser.post(TOTP)).json()["secret"])
        late = app.at(world.clock.now(), counter_offset=5)
        assert code(await browser.post(f"{TOTP}/confirm", json={"code": late})) == (422, "code_invalid")
        assert (await browser.get(ME)).json()["mfa_enabled"] is False


async def test_an_unconfirmed_secret_opens_nothing(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        app = pyotp.TOTP((await browser.post(TOTP)).json()["secret"])
    assert not await accepted(world, ada, app.at(world.clock.now()))


async def test_starting_again_before_confirming_replaces_the_secret(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        first, second = [pyotp.TOTP((await browser.post(TOTP)).json()["secret"]) for _ in range(2)]
        stale = await browser.post(f"{TOTP}/confirm", json={"code": first.at(world.clock.now())})
        fresh = await browser.post(f"{TOTP}/confirm", json={"code": second.at(world.clock.now())})
    assert code(stale) == (422, "code_invalid")
    assert fresh.status_code == 200


async def test_a_confirmed_app_is_not_replaced(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        app = await turn_on_totp(world, browser)
        assert code(await browser.post(TOTP)) == (409, "totp_already_on")
        world.clock.advance(seconds=30)
        again = await browser.post(f"{TOTP}/confirm", json={"code": app.at(world.clock.now())})
    assert code(again) == (409, "totp_already_on")
    assert await accepted(world, ada, app.at(world.clock.now()))


async def test_there_is_nothing_to_confirm_or_remove_before_a_secret_was_made(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.post(f"{TOTP}/confirm", json={"code": "123456"})) == (404, "totp_not_found")
        assert code(await browser.delete(TOTP)) == (404, "totp_not_found")


async def test_one_persons_code_opens_nobody_elses_account(world: World, ada: User, grace: User) -> None:
    app = await totp_of(world, ada)
    await totp_of(world, grace)
    assert not await accepted(world, grace, app.at(world.clock.now()))
    assert await accepted(world, ada, app.at(world.clock.now()))


async def test_a_removed_app_opens_nothing_any_more(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        app = await turn_on_totp(world, browser)
        assert (await browser.delete(TOTP)).status_code == 204
        assert (await browser.get(ME)).json()["mfa_enabled"] is False
    world.clock.advance(seconds=30)
    assert not await accepted(world, ada, app.at(world.clock.now()))


async def test_an_unconfirmed_secret_is_removed_without_a_word(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, await world.browser_of(ada) as other:
        await browser.post(TOTP)
        assert (await browser.delete(TOTP)).status_code == 204
        assert (await other.get(ME)).status_code == 200
    assert await letters(world) == []


async def test_the_secret_is_sealed_at_rest(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    async with world.database.read() as session:
        stored = (await session.scalars(select(Totp.sealed))).one()
    assert app.secret not in stored
    assert world.keyring.unseal(stored, place=f"tidings_totp.sealed:{ada.id}") == app.secret.encode()


async def test_a_change_ends_every_other_session(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, await world.browser_of(ada) as other:
        tokens = await world.tokens_of(ada)
        await turn_on_totp(world, browser)
        assert (await browser.get(ME)).status_code == 200
        assert code(await other.get(ME)) == (401, "not_authenticated")
    async with world.client(bearer=tokens.access_token) as app:
        assert code(await app.get(ME)) == (401, "not_authenticated")
    assert {event.reason for event in world.ended} == {"mfa_changed"}


async def test_an_old_sign_in_is_not_enough_to_change_anything(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        world.clock.advance(minutes=5, seconds=1)
        answers = [
            await browser.post(TOTP),
            await browser.post(f"{TOTP}/confirm", json={"code": "123456"}),
            await browser.delete(TOTP),
        ]
    assert {code(answer) for answer in answers} == {(403, "confirmation_required")}


async def test_the_owner_is_written_to_when_the_second_step_goes_on_and_off(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        await browser.delete(TOTP)
    assert await letters(world) == [("mfa_on", "ada@example.org"), ("mfa_off", "ada@example.org")]


async def test_every_change_is_in_the_audit_log(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        await browser.delete(TOTP)
    async with world.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    noted = [(entry.action, entry.actor_kind, entry.actor_id, entry.target_id) for entry in entries]
    by_ada = (ActorKind.USER, ada.id, ada.id)
    assert (AuditAction.MFA_TOTP_ADDED, *by_ada) in noted
    assert (AuditAction.MFA_TOTP_REMOVED, *by_ada) in noted


async def test_the_last_factor_stays_where_one_is_required(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        app = await turn_on_totp(world, browser)
        await require_mfa(world)
        assert code(await browser.delete(TOTP)) == (409, "mfa_required")
        assert (await browser.get(ME)).json()["mfa_enabled"] is True
    world.clock.advance(seconds=30)
    assert await accepted(world, ada, app.at(world.clock.now()))


async def accepted(world: World, user: User, given: str) -> bool:
    async with world.database.write() as session:
        return await check_totp(session, user.id, given, keyring=world.keyring, now=world.clock.now())


async def letters(world: World) -> list[tuple[str, str | None]]:
    async with world.database.read() as session:
        deliveries = (await session.scalars(select(Delivery).order_by(Delivery.id))).all()
    return [(delivery.payload["letter"], delivery.destination) for delivery in deliveries]


async def require_mfa(world: World) -> None:
    async with world.database.write() as session:
        session.add(ServerSettings(mfa_required=True, updated_at=world.clock.now()))
        await session.execute(update(User).values(updated_at=world.clock.now()))
