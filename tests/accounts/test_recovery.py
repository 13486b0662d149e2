"""Getting an account back from somebody who was in it, and into it after every second factor was lost."""

from uuid import uuid4

from sqlalchemy import select

from tests.accounts.factors import passkey_of, totp_of
from tests.accounts.mailbox import letters, newest
from tests.accounts.signing_in import API, ME, half_signed_in, log_in, noted, pass_mfa
from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.known_devices.models import KnownDevice
from tidings.accounts.models import User
from tidings.accounts.types import Scope

THIEF = "thief@new.example"
ANOTHER = "another long password of one's own"


async def steal(world: World, ada: User) -> None:
    """Somebody who knows Ada's password moves her account to an address of theirs."""
    async with await world.browser_of(ada) as thief:
        await thief.put(f"{ME}/email", json={"email": THIEF})
    await use(world, (await newest(world, "confirm_email")).token)


async def use(world: World, token: str) -> None:
    async with world.client() as reader:
        answer = await reader.post(f"{API}/auth/verify-email", json={"token": token})
    assert answer.status_code == 200, answer.text


async def take_back(world: World) -> None:
    """Ada uses the link that went to her old address."""
    await use(world, (await newest(world, "email_changed")).token)


async def test_going_back_voids_the_password_that_somebody_else_may_know(world: World, ada: User) -> None:
    await steal(world, ada)
    await take_back(world)
    async with world.client() as thief:
        assert code(await log_in(thief)) == (401, "invalid_credentials")


async def test_going_back_mails_the_owner_a_link_to_choose_another(world: World, ada: User) -> None:
    await steal(world, ada)
    await take_back(world)
    letter = await newest(world, "password_reset")
    assert letter.to == "ada@example.org"
    async with world.client() as owner:
        chosen = {"token": letter.token, "new_password": ANOTHER}
        assert (await owner.post(f"{API}/auth/password-reset/confirm", json=chosen)).status_code == 200
        assert (await log_in(owner, password=ANOTHER)).status_code == 200


async def test_that_link_is_mailed_although_somebody_used_up_the_letters_of_the_day(world: World, ada: User) -> None:
    async with world.client() as stranger:
        for _ in range(6):
            await stranger.post(f"{API}/auth/password-reset/request", json={"email": "ada@example.org"})
    before = len(await letters(world, "password_reset"))
    await steal(world, ada)
    await take_back(world)
    assert len(await letters(world, "password_reset")) == before + 1


async def test_going_back_ends_tokens_keys_and_sign_ins_that_wait_for_a_second_factor(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    await steal(world, ada)
    tokens, key = await world.tokens_of(ada), await world.key(Scope.NOTIFICATIONS_READ, owner=ada)
    async with world.client() as thief, world.client(bearer=tokens.access_token) as phone:
        waiting = await half_signed_in(thief)
        await take_back(world)
        assert code(await pass_mfa(thief, waiting, code=app.at(world.clock.now()))) == (400, "token_invalid")
        assert code(await phone.get(ME)) == (401, "not_authenticated")
        refreshed = await phone.post(f"{API}/auth/refresh", json={"refresh_token": tokens.refresh_token})
        assert code(refreshed) == (401, "invalid_refresh_token")
    async with world.client(bearer=key) as server:
        assert code(await server.get(f"{API}/users/me")) == (401, "not_authenticated")
    assert len(await noted(world, AuditAction.API_KEY_REVOKED)) == 1


async def test_going_back_leaves_the_keys_of_others(world: World, ada: User, grace: User) -> None:
    key = await world.key(Scope.USERS_READ, owner=grace)
    await steal(world, ada)
    await take_back(world)
    async with world.client(bearer=key) as server:
        assert (await server.get(f"{API}/users/{ada.id}")).status_code == 200


async def test_after_going_back_no_device_is_known(world: World, ada: User) -> None:
    async with world.client() as thief:
        await log_in(thief)
    await steal(world, ada)
    await take_back(world)
    async with world.database.read() as session:
        assert (await session.scalars(select(KnownDevice))).all() == []


async def test_going_back_passes_over_no_second_factor(world: World, ada: User) -> None:
    await totp_of(world, ada)
    await steal(world, ada)
    await take_back(world)
    async with world.client() as owner:
        chosen = {"token": (await newest(world, "password_reset")).token, "new_password": ANOTHER}
        await owner.post(f"{API}/auth/password-reset/confirm", json=chosen)
        assert "mfa_token" in (await log_in(owner, password=ANOTHER)).json()


async def test_a_new_password_by_mail_leaves_the_keys_that_programs_go_by(world: World, ada: User, grace: User) -> None:
    key = await world.key(Scope.USERS_READ, owner=grace)
    async with world.client() as owner, world.client(bearer=key) as server:
        await owner.post(f"{API}/auth/password-reset/request", json={"email": "grace@example.org"})
        chosen = {"token": (await newest(world, "password_reset")).token, "new_password": ANOTHER}
        assert (await owner.post(f"{API}/auth/password-reset/confirm", json=chosen)).status_code == 200
        assert (await server.get(f"{API}/users/{ada.id}")).status_code == 200


async def test_an_administrator_frees_somebody_of_every_second_factor(world: World, ada: User, grace: User) -> None:
    await totp_of(world, ada)
    await passkey_of(world, ada)
    cookie = await world.cookie_of(ada)
    async with await world.browser_of(grace) as office:
        assert (await office.delete(f"{API}/users/{ada.id}/mfa")).status_code == 204
    async with world.client(cookie=cookie) as somewhere:
        assert code(await somewhere.get(ME)) == (401, "not_authenticated")
    async with world.client() as browser:
        assert (await log_in(browser)).json().get("mfa_token") is None
        second = (await browser.get(f"{ME}/mfa")).json()
    assert (second["mfa_enabled"], second["methods"]) == (False, [])
    told = await newest(world, "mfa_off")
    assert told.to == "ada@example.org"
    async with world.database.read() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == AuditAction.MFA_RESET))
    assert entry is not None
    assert (entry.actor_id, entry.target_id) == (grace.id, ada.id)


async def test_freeing_twice_changes_nothing_more(world: World, ada: User, grace: User) -> None:
    await totp_of(world, ada)
    async with await world.browser_of(grace) as office:
        for _ in range(2):
            assert (await office.delete(f"{API}/users/{ada.id}/mfa")).status_code == 204
        assert code(await office.delete(f"{API}/users/{uuid4()}/mfa")) == (404, "user_not_found")
    assert len(await letters(world, "mfa_off")) == 1


async def test_a_password_that_is_short_alone_must_be_changed_after_that(world: World, ada: User, grace: User) -> None:
    await totp_of(world, ada)
    short = "quokka7!"
    async with world.client() as owner:
        await owner.post(f"{API}/auth/password-reset/request", json={"email": "ada@example.org"})
        chosen = {"token": (await newest(world, "password_reset")).token, "new_password": short}
        assert (await owner.post(f"{API}/auth/password-reset/confirm", json=chosen)).status_code == 200
    async with await world.browser_of(grace) as office:
        await office.delete(f"{API}/users/{ada.id}/mfa")
    async with world.client() as owner:
        assert (await log_in(owner, password=short)).status_code == 200
        assert code(await owner.patch(ME, json={"name": "Ada"})) == (403, "password_change_required")


async def test_only_an_administrator_in_person_who_signed_in_lately_frees_anybody(
    world: World, ada: User, grace: User
) -> None:
    await totp_of(world, ada)
    path = f"{API}/users/{ada.id}/mfa"
    async with world.client() as nobody:
        assert code(await nobody.delete(path)) == (401, "not_authenticated")
    async with await world.browser_of(ada) as herself:
        assert code(await herself.delete(path)) == (403, "forbidden")
    async with world.client(bearer=await world.key(Scope.ADMIN, owner=grace)) as server:
        assert code(await server.delete(path)) == (403, "forbidden")
    async with await world.browser_of(grace) as office:
        world.clock.advance(minutes=6)
        assert code(await office.delete(path)) == (403, "confirmation_required")
    assert await noted(world, AuditAction.MFA_RESET) == []
