"""Which passwords are taken, under each kind of rules, and where they are asked for."""

from collections.abc import Sequence

import pytest

from tests.accounts.signing_in import API, ME
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.models import User
from tidings.accounts.password_policy import PasswordHouse, PasswordOwner, advise, faults_in, rules_for
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import default_settings
from tidings.accounts.server_settings.types import PasswordType
from tidings.accounts.types import AccessType

HOUSE = PasswordHouse(base_url="https://people.example")


def faults(password: str, kind: PasswordType, *, access_type: AccessType = AccessType.REGULAR) -> Sequence[str]:
    settings = default_settings()
    settings.password_type = kind
    settings.password_length_regular_users = 8
    settings.password_length_admin_users = 12
    return list(faults_in(password, rules_for(settings, owner=PasswordOwner(access_type=access_type), house=HOUSE)))


@pytest.mark.parametrize("missing", ["kl9#mqzt", "KL9#MQZT", "Kl##mqzt", "Kl99mqzt", "Kl9 mqzt"])
def test_strict_asks_for_four_kinds_of_characters(missing: str) -> None:
    assert faults(missing, PasswordType.STRICT) == ["password_lacks_variety"]
    assert faults(f"{missing}K#9m", PasswordType.STRICT) == []


@pytest.mark.parametrize("kind", [PasswordType.STRICT, PasswordType.LENGTH_ONLY])
def test_administrators_have_a_length_of_their_own(kind: PasswordType) -> None:
    assert faults("Kl9#mqzt", kind) == []
    assert faults("Kl9#mqzt", kind, access_type=AccessType.ADMIN) == ["password_too_short"]
    assert faults("Kl9#mqztVx7?", kind, access_type=AccessType.ADMIN) == []
    assert faults("Kl9#mqz", kind) == ["password_too_short"]


def test_a_length_alone_asks_for_nothing_else() -> None:
    assert faults("password", PasswordType.LENGTH_ONLY) == []
    assert faults("Password1!", PasswordType.STRICT) == ["password_too_common"]


def test_advice_says_what_would_be_better() -> None:
    assert advise("qwerty", ()) != ""
    assert advise(PASSWORD, ()) == ""


async def test_a_refusal_names_every_fault_and_gives_advice(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        body = {"password": "password1", "current_password": PASSWORD}
        refused = await browser.put(f"{ME}/password", json=body)
    assert code(refused) == (422, "password_refused")
    errors = refused.json()["errors"]
    assert [(each["pointer"], each["code"]) for each in errors] == [
        ("/password", "password_too_short"),
        ("/password", "password_too_common"),
    ]
    assert all("Add another word" in each["detail"] for each in errors)


async def test_an_account_with_a_second_factor_may_have_a_shorter_password(world: World, ada: User) -> None:
    body = {"password": "kahmtor7", "current_password": PASSWORD}
    async with await world.browser_of(ada) as browser:
        assert code(await browser.put(f"{ME}/password", json=body)) == (422, "password_refused")
        async with world.database.write() as session:
            user = await session.get(User, ada.id)
            assert user is not None
            user.mfa_enabled = True
        assert (await browser.put(f"{ME}/password", json=body)).status_code == 200


async def test_everywhere_that_takes_a_new_password_asks_the_policy(world: World, grace: User) -> None:
    async with world.database.write() as session:
        session.add(ServerSettings(signup_enabled=True, updated_at=world.clock.now()))
    person = {"username": "eve", "email": "eve@example.org", "name": "Eve", "password": "too short"}
    async with await world.browser_of(grace) as admin:
        assert code(await admin.post(f"{API}/users", json=person)) == (422, "password_refused")
        assert code(await admin.post(f"{API}/auth/sign-up", json=person)) == (422, "password_refused")
