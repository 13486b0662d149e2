"""What everybody tries first is refused offline, with words about the person and the house; the whole list if given."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.accounts.signing_in import API, confirm
from tests.accounts.world import PASSWORD, World
from tidings.accounts.breached_passwords import is_breached
from tidings.accounts.common_passwords import is_common
from tidings.accounts.models import User
from tidings.accounts.password_policy import PasswordHouse, PasswordOwner, faults_in, rules_for
from tidings.accounts.server_settings.reading import default_settings

COMMON = [
    "password",
    "Password123",
    "  dragon!!2024",
    "passwordpassword",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabc",
    "123456789012345",
    "98765432109876543210",
    "qwertyuiopasdfgh",
    "poiuytrewqlkjhgf",
    "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6y7u8i9o0p",
    "1234qwerasdfzxcv",
]
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
UNCOMMON = [PASSWORD, "tried and true blue", "wort-fluss-kamel-zeit", "8372194283716640192", "Ünïcödé ünd mehr davon"]


@pytest.mark.parametrize("password", COMMON)
def test_row_03_what_everybody_tries_first_is_refused(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", UNCOMMON)
def test_row_03_what_nobody_tries_first_is_taken(password: str) -> None:
    assert not is_common(password)


@given(st.sampled_from(["password", "dragon", "sunshine", "football"]), st.text("0123456789!?. -", max_size=12))
def test_row_03_digits_and_signs_do_not_help_a_common_password(word: str, decoration: str) -> None:
    assert is_common(f"{word.upper()}{decoration}")
    assert is_common(f"{decoration}{word.title()}")


def faults(password: str) -> Sequence[str]:
    owner = PasswordOwner(known=("ada.byron", "lovelace@analytical.example", "Ada King-Noel"))
    house = PasswordHouse(base_url="https://people.engine.example")
    return list(faults_in(password, rules_for(default_settings(), owner=owner, house=house)))


@pytest.mark.parametrize(
    "password",
    ["lovelacebyron1815", "AnalyticalEngine!", "ada.byron@analytical", "Tidings for Ada King", "people.engine.example"],
)
def test_row_03_words_about_the_person_and_the_house_do_not_make_a_password(password: str) -> None:
    assert faults(password) == ["password_contains_personal_data"]


def test_row_03_a_long_password_may_mention_its_owner() -> None:
    assert faults("ada wrote the first programme ever") == []


def listed(password: str) -> str:
    """How the list writes a password."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@given(
    st.sets(TEXT, max_size=40),
    TEXT,
    st.sampled_from(["\n", "\r\n"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_row_03_the_whole_list_is_searched_where_it_lies(
    tmp_path: Path, stolen: set[str], other: str, end: str
) -> None:
    hashes = sorted(map(listed, stolen))
    file = tmp_path / "stolen"
    file.write_bytes("".join(f"{each}:{index}{end}" for index, each in enumerate(hashes)).encode())
    assert all(is_breached(file, each) for each in stolen)
    assert is_breached(file, other) == (other in stolen)


async def test_row_03_a_stolen_password_is_refused_where_the_list_is_set(
    world: World, ada: User, tmp_path: Path
) -> None:
    stolen = "an uncommon but stolen one"
    file = tmp_path / "stolen"
    file.write_text(f"{listed(stolen)}:1\n")
    world.app.state.settings.breached_passwords = str(file)
    async with await world.browser_of(ada) as browser:
        await confirm(browser)
        body = {"password": stolen, "current_password": PASSWORD}
        refused = await browser.put(f"{API}/users/me/password", json=body)
        assert [fault["code"] for fault in refused.json()["errors"]] == ["password_too_common"]
        body["password"] = "an uncommon one, never stolen"
        assert (await browser.put(f"{API}/users/me/password", json=body)).status_code == 200
