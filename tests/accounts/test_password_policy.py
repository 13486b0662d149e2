"""Which passwords are taken, under each kind of rules, and where they are asked for."""

import ast
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
from zxcvbn import feedback  # type: ignore[import-untyped]

from tests.accounts.signing_in import API, ME
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.models import User
from tidings.accounts.password_policy import PasswordHouse, PasswordOwner, advise, faults_in, rules_for
from tidings.accounts.password_words import ADVICE, FAULTS, advice_meant
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import default_settings
from tidings.accounts.server_settings.types import PasswordType
from tidings.accounts.types import AccessType, Language

LOCALES = Path(__file__).parents[2] / "frontend/src/locales/accounts"
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
    assert faults("Password1!", PasswordType.STRICT) == []


def test_advice_says_what_would_be_better() -> None:
    assert advise("qwerty", ()) == ("resembles_common", "add_words")
    assert advise("aaaaaaaaa", ()) == ("repeats", "add_words")
    assert advise("Emma2019", ()) == ("names", "capitals", "add_words")
    assert advise(PASSWORD, ()) == ()


def test_advice_is_given_on_the_beginning_alone_however_long_a_stranger_makes_it() -> None:
    assert advise("qwertyqwertyqwer" + "4@8({[<3691!|17+0$5%2" * 10, ()) == advise("qwertyqwertyqwer", ())


def test_advice_is_known_for_everything_that_zxcvbn_says() -> None:
    said = sentences_of(feedback)
    assert len(said) > 20
    assert {sentence for sentence in said if not [*advice_meant([sentence])]} == set()
    assert {code for sentence in said for code in advice_meant([sentence])} == set(ADVICE)


@pytest.mark.parametrize("language", Language)
def test_the_pages_say_every_code_in_every_language(language: Language) -> None:
    catalogue = json.loads((LOCALES / f"{language}.json").read_text(encoding="utf-8"))
    faults = {key.removeprefix("fault_") for key in catalogue if key.startswith("fault_password_")}
    advice = {key.removeprefix("advice_") for key in catalogue if key.startswith("advice_")}
    assert (faults, advice) == (set(FAULTS), set(ADVICE))


def test_the_pages_say_in_english_what_the_api_says() -> None:
    catalogue = json.loads((LOCALES / "us.json").read_text(encoding="utf-8"))
    assert {code: catalogue[f"fault_{code}"] for code in FAULTS} == FAULTS
    assert {code: catalogue[f"advice_{code}"] for code in ADVICE} == ADVICE


def sentences_of(module: ModuleType) -> set[str]:
    """Everything that a module hands to gettext."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    return {ast.literal_eval(call.args[0]) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_"}


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
    better = "Add another word or two. Uncommon words are better."
    assert [each["detail"] for each in errors] == [
        f"The password is too short: it needs at least 15 characters. {better}",
        f"This password is among those that are tried first. {better}",
    ]
    assert [each["advice"] for each in errors] == [["add_words"]] * 2


async def test_without_advice_a_refusal_says_what_is_wrong_and_no_more(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        refused = await browser.put(f"{ME}/password", json={"password": "kahm;tor7-vu", "current_password": PASSWORD})
    assert refused.json()["errors"] == [
        {
            "pointer": "/password",
            "code": "password_too_short",
            "detail": "The password is too short: it needs at least 15 characters.",
        }
    ]


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
