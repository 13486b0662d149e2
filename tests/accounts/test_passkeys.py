"""Passkeys: made known, listed, removed; only genuine answers to our own questions are kept."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.accounts.authenticator import Authenticator, packed, unpacked
from tests.accounts.factors import ME, PASSKEYS, TOTP, add_passkey, creation_options, passkey_of, turn_on_totp
from tests.accounts.test_totp import letters, require_mfa
from tests.accounts.world import BASE_URL, World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.accounts.events import CredentialChanged
from tidings.accounts.mfa.ceremonies import (
    AnswerInvalid,
    Site,
    challenge_of_registration,
    read_assertion,
    verify_registration,
)
from tidings.accounts.mfa.challenges import new_challenge, purge_challenges, take_challenge
from tidings.accounts.mfa.changing import remove_all_factors
from tidings.accounts.mfa.methods import methods_of
from tidings.accounts.mfa.models import Passkey, PasskeyChallenge, RecoveryCode, Totp
from tidings.accounts.mfa.passkeys import MAX_PASSKEYS
from tidings.accounts.mfa.types import ChallengePurpose
from tidings.accounts.models import User
from tidings.kernel.ids import new_id

HOST = "tidings.example"
CHALLENGE = bytes(range(32))


async def test_a_browser_is_asked_for_a_passkey_that_finds_and_verifies_its_owner(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        options = await creation_options(browser)
    assert options["rp"] == {"name": "Tidings", "id": HOST}
    assert options["user"]["name"] == "ada"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"


async def test_a_passkey_is_made_known_and_listed(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        added = await add_passkey(browser, Authenticator(origin=BASE_URL))
        listed = (await browser.get(PASSKEYS)).json()
        me = (await browser.get(ME)).json()
    assert added.status_code == 201
    assert listed["passkeys"] == [added.json()]
    assert {**added.json(), "id": "", "created_at": ""} == {
        "id": "",
        "name": "Phone",
        "is_backed_up": True,
        "created_at": "",
        "last_used_at": None,
    }
    assert me["mfa_enabled"] is True


async def test_known_passkeys_are_named_so_that_a_device_makes_no_second(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with await world.browser_of(ada) as browser:
        excluded = (await creation_options(browser))["excludeCredentials"]
    (known,) = excluded
    assert known["id"] == authenticator.create({"user": {"id": ""}, "challenge": ""})["id"]
    assert known["transports"] == ["internal", "hybrid"]


def at_another_origin(answer: Authenticator) -> None:
    answer.origin = "http://evil.example"


def for_another_host(answer: Authenticator) -> None:
    answer.host = "evil.example"


def without_verifying_its_user(answer: Authenticator) -> None:
    answer.verifies_user = False


def inside_a_frame(answer: Authenticator) -> None:
    answer.in_frame = True


def with_a_key_on_a_weaker_curve(answer: Authenticator) -> None:
    answer.key = ec.generate_private_key(ec.SECP256K1())  # said to be P-256, on which its point does not lie


@pytest.mark.parametrize(
    "dishonest",
    [
        at_another_origin,
        for_another_host,
        without_verifying_its_user,
        inside_a_frame,
        with_a_key_on_a_weaker_curve,
    ],
)
async def test_a_passkey_is_not_kept_when_it_was_made(
    world: World, ada: User, dishonest: Callable[[Authenticator], None]
) -> None:
    authenticator = Authenticator(origin=BASE_URL)
    dishonest(authenticator)
    async with await world.browser_of(ada) as browser:
        assert code(await add_passkey(browser, authenticator)) == (422, "passkey_invalid")
        assert (await browser.get(PASSKEYS)).json()["passkeys"] == []


async def test_a_challenge_makes_one_passkey(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        options = await creation_options(browser)
        answers = [
            await browser.post(
                PASSKEYS, json={"name": "Phone", "credential": Authenticator(origin=BASE_URL).create(options)}
            )
            for _ in range(2)
        ]
    assert answers[0].status_code == 201
    assert code(answers[1]) == (422, "passkey_invalid")


async def test_a_challenge_is_good_for_five_minutes(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        options = await creation_options(browser)
    world.clock.advance(minutes=5)
    async with await world.browser_of(ada) as browser:
        credential = Authenticator(origin=BASE_URL).create(options)
        late = await browser.post(PASSKEYS, json={"name": "Phone", "credential": credential})
    assert code(late) == (422, "passkey_invalid")


async def test_a_challenge_is_good_for_whom_it_was_made(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser:
        options = await creation_options(browser)
    async with await world.browser_of(grace) as browser:
        credential = Authenticator(origin=BASE_URL).create(options)
        foreign = await browser.post(PASSKEYS, json={"name": "Phone", "credential": credential})
    assert code(foreign) == (422, "passkey_invalid")


async def test_a_passkey_belongs_to_one_account(world: World, ada: User, grace: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with await world.browser_of(grace) as browser:
        assert code(await add_passkey(browser, authenticator)) == (409, "passkey_known")
        assert (await browser.get(ME)).json()["mfa_enabled"] is False


async def test_somebody_elses_passkey_is_as_absent(world: World, ada: User, grace: User) -> None:
    await passkey_of(world, ada)
    async with await world.browser_of(ada) as browser:
        (hers,) = (await browser.get(PASSKEYS)).json()["passkeys"]
    async with await world.browser_of(grace) as browser:
        assert code(await browser.delete(f"{PASSKEYS}/{hers['id']}")) == (404, "passkey_not_found")
        assert (await browser.get(PASSKEYS)).json()["passkeys"] == []


async def test_a_passkey_gets_another_name_and_nothing_else_changes(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        passkey = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()
    async with await world.browser_of(ada) as browser, await world.browser_of(ada) as other:
        world.clock.advance(hours=1)  # a name opens nothing, so no proof is asked for
        heard = len(world.heard)
        renamed = await browser.patch(f"{PASSKEYS}/{passkey['id']}", json={"name": " Schlüssel 🔑 "})
        assert (renamed.status_code, renamed.json()) == (200, passkey | {"name": "Schlüssel 🔑"})
        assert (await other.get(PASSKEYS)).json()["passkeys"] == [renamed.json()]
    assert world.heard[heard:] == []
    assert [letter for letter, _ in await letters(world)] == ["mfa_on"]


async def test_a_new_name_is_recorded_once_and_the_name_is_not(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        passkey = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()
        for name in ("Phone", "Key", "Key"):
            assert (await browser.patch(f"{PASSKEYS}/{passkey['id']}", json={"name": name})).status_code == 200
    async with world.database.read() as session:
        renamed = select(AuditEntry).where(AuditEntry.action == AuditAction.MFA_PASSKEY_RENAMED)
        entries = (await session.scalars(renamed)).all()
    assert [(entry.actor_id, entry.target_id, entry.detail) for entry in entries] == [
        (ada.id, ada.id, {"passkey_id": passkey["id"]})
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"name": ""}, "string_too_short"),
        ({"name": "   "}, "string_too_short"),
        ({"name": "x" * 101}, "string_too_long"),
        ({"name": "Pho\nne"}, "string_pattern_mismatch"),
        ({"name": "Pho\u0007ne"}, "string_pattern_mismatch"),
        ({"name": "Pho\u0085ne"}, "string_pattern_mismatch"),
        ({"name": "Pho\u2028ne"}, "string_pattern_mismatch"),
        ({"name": None}, "string_type"),
        ({}, "missing"),
        ({"name": "Phone", "sign_count": 0}, "extra_forbidden"),
    ],
)
async def test_a_name_that_cannot_be_one_is_refused(world: World, ada: User, body: dict[str, Any], fault: str) -> None:
    async with await world.browser_of(ada) as browser:
        passkey = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()
        refused = await browser.patch(f"{PASSKEYS}/{passkey['id']}", json=body)
        assert code(refused) == (422, "invalid_request")
        assert [each["code"] for each in refused.json()["errors"]] == [fault]
        assert (await browser.get(PASSKEYS)).json()["passkeys"] == [passkey]


async def test_the_longest_name_has_a_hundred_characters(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        passkey = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()
        renamed = await browser.patch(f"{PASSKEYS}/{passkey['id']}", json={"name": "🔑" * 100})
    assert renamed.json()["name"] == "🔑" * 100


async def test_somebody_elses_passkey_is_not_renamed_and_as_absent(world: World, ada: User, grace: User) -> None:
    await passkey_of(world, ada)
    async with await world.browser_of(ada) as browser, await world.browser_of(grace) as other:
        (hers,) = (await browser.get(PASSKEYS)).json()["passkeys"]
        foreign = await other.patch(f"{PASSKEYS}/{hers['id']}", json={"name": "Mine"})
        absent = await other.patch(f"{PASSKEYS}/{new_id()}", json={"name": "Mine"})
        assert code(foreign) == code(absent) == (404, "passkey_not_found")
        assert {**foreign.json(), "instance": ""} == {**absent.json(), "instance": ""}
        assert (await browser.get(PASSKEYS)).json()["passkeys"] == [hers]


async def test_a_new_passkey_may_not_have_controls_in_its_name_either(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        credential = Authenticator(origin=BASE_URL).create(await creation_options(browser))
        refused = await browser.post(PASSKEYS, json={"name": "Pho\nne", "credential": credential})
    assert code(refused) == (422, "invalid_request")


async def test_an_account_has_twenty_five_passkeys_at_most(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        answers = [await add_passkey(browser, Authenticator(origin=BASE_URL)) for _ in range(MAX_PASSKEYS + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {201}
    assert code(answers[-1]) == (409, "too_many_passkeys")


async def test_a_new_passkey_ends_every_other_session(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, await world.browser_of(ada) as other:
        await add_passkey(browser, Authenticator(origin=BASE_URL))
        assert (await browser.get(PASSKEYS)).status_code == 200
        assert code(await other.get(PASSKEYS)) == (401, "not_authenticated")


async def test_an_old_sign_in_is_not_enough_to_change_passkeys(world: World, ada: User) -> None:
    await passkey_of(world, ada)
    async with await world.browser_of(ada) as browser:
        credential = Authenticator(origin=BASE_URL).create(await creation_options(browser))
        (known,) = (await browser.get(PASSKEYS)).json()["passkeys"]
        world.clock.advance(minutes=5, seconds=1)
        answers = [
            await browser.post(f"{PASSKEYS}/options"),
            await browser.post(PASSKEYS, json={"name": "Phone", "credential": credential}),
            await browser.delete(f"{PASSKEYS}/{known['id']}"),
        ]
    assert {code(answer) for answer in answers} == {(403, "confirmation_required")}


async def test_letters_say_of_every_change_and_when_the_second_step_goes_on_and_off(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        ids = [(await add_passkey(browser, Authenticator(origin=BASE_URL))).json()["id"] for _ in range(2)]
        for passkey_id in ids:
            assert (await browser.delete(f"{PASSKEYS}/{passkey_id}")).status_code == 204
    written = [letter for letter, _ in await letters(world)]
    assert written == ["mfa_on", "sign_in_changed", "sign_in_changed", "mfa_off"]


async def test_every_change_is_told_to_the_house_and_to_the_audit_log(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        passkey_id = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()["id"]
        await browser.delete(f"{PASSKEYS}/{passkey_id}")
    told = [event for event in world.heard if isinstance(event, CredentialChanged)]
    assert told == [
        CredentialChanged(ada.id, "passkey_added", world.clock.now(), "on"),
        CredentialChanged(ada.id, "passkey_removed", world.clock.now(), "off"),
    ]
    async with world.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    noted = [(entry.action, entry.detail) for entry in entries if entry.target_id == ada.id]
    assert (AuditAction.MFA_PASSKEY_ADDED, {"passkey_id": passkey_id}) in noted
    assert (AuditAction.MFA_PASSKEY_REMOVED, {"passkey_id": passkey_id}) in noted


async def test_the_last_factor_stays_where_one_is_required(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        passkey_id = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()["id"]
        await require_mfa(world)
        assert (await browser.delete(TOTP)).status_code == 204
        assert code(await browser.delete(f"{PASSKEYS}/{passkey_id}")) == (409, "mfa_required")
        assert len((await browser.get(PASSKEYS)).json()["passkeys"]) == 1


async def test_who_lost_every_factor_is_freed_of_all_of_them(world: World, ada: User) -> None:
    await require_mfa(world)
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        await add_passkey(browser, Authenticator(origin=BASE_URL))
        await browser.post(f"{ME}/mfa/recovery-codes")
        async with world.database.write() as session:
            freed = await remove_all_factors(session, ada.id, keyring=world.keyring, by=SERVER, now=world.clock.now())
            assert not freed.mfa_enabled
            assert await methods_of(session, ada.id) == ()
        assert code(await browser.get(PASSKEYS)) == (401, "not_authenticated")
    async with world.database.read() as session:
        for model in (Totp, Passkey, RecoveryCode):
            assert (await session.scalars(select(model))).all() == []
    assert (await letters(world))[-1] == ("mfa_off", "ada@example.org")


async def test_challenges_that_nobody_answered_are_removed(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await creation_options(browser)
        world.clock.advance(minutes=4)
        await creation_options(browser)
    world.clock.advance(minutes=1)
    async with world.database.write() as session:
        assert await purge_challenges(session, now=world.clock.now()) == 1
    async with world.database.read() as session:
        assert len((await session.scalars(select(PasskeyChallenge))).all()) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "userHandle"])


@settings(deadline=None)  # the machine may be busy
@given(st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON) | st.just("public-key")))
def test_an_answer_of_any_shape_is_read_or_refused(answer: dict[str, Any]) -> None:
    for read in (challenge_of_registration, read_assertion):
        with pytest.raises(AnswerInvalid):
            read(answer)


@settings(deadline=None)  # the machine may be busy
@given(
    part=st.sampled_from(["attestationObject", "clientDataJSON"]), at=st.integers(0, 10_000), put=st.binary(max_size=5)
)
def test_an_answer_altered_anywhere_is_kept_or_refused(part: str, at: int, put: bytes) -> None:
    answer = Authenticator(origin=BASE_URL).create({"user": {"id": ""}, "challenge": packed(CHALLENGE)})
    genuine = unpacked(answer["response"][part])
    place = at % len(genuine)
    answer["response"][part] = packed(genuine[:place] + put + genuine[place + 1 :])
    with suppress(AnswerInvalid):
        kept = verify_registration(answer, challenge=CHALLENGE, site=Site.at(BASE_URL))
        assert kept.credential_id


async def test_the_last_way_in_is_not_removed(world: World, ada: User) -> None:
    async with world.database.write() as session:
        (await session.get_one(User, ada.id)).password_hash = None
    async with await world.browser_of(ada) as browser:
        first, second = [(await add_passkey(browser, Authenticator(origin=BASE_URL))).json()["id"] for _ in range(2)]
        assert (await browser.delete(f"{PASSKEYS}/{first}")).status_code == 204
        assert code(await browser.delete(f"{PASSKEYS}/{second}")) == (409, "last_way_in")
        assert [passkey["id"] for passkey in (await browser.get(PASSKEYS)).json()["passkeys"]] == [second]


async def test_a_challenge_is_good_for_its_purpose(world: World, ada: User) -> None:
    now = world.clock.now()
    async with world.database.write() as session:
        challenge = await new_challenge(session, ChallengePurpose.REGISTER, now=now, user_id=ada.id)
        assert not await take_challenge(session, challenge, ChallengePurpose.PROVE, now=now, user_id=ada.id)
        assert await take_challenge(session, challenge, ChallengePurpose.REGISTER, now=now, user_id=ada.id)
