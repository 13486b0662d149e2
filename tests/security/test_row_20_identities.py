"""Row 20: who somebody is at a provider is issuer and subject; an address alone never makes anybody somebody else."""

import asyncio

import pytest
from sqlalchemy import select

from tests.accounts.oidc import API, Sso
from tidings.accounts.identities.models import Identity
from tidings.accounts.models import User


async def test_row_20_a_known_address_does_not_sign_in_to_its_account(sso: Sso, ada: User) -> None:
    """Whoever gets a provider to say `ada@example.org` must not become Ada."""
    await sso.opens(user={"sub": "mallory", "email": "ada@example.org", "email_verified": True})
    browser = sso.browser()
    assert await browser.signs_in() == "/sign-in?error=email_known"
    assert not await browser.is_signed_in()
    assert await identities(sso) == []


@pytest.mark.parametrize("email", ["ADA@EXAMPLE.ORG", "ada@EXAMPLE.org"])
async def test_row_20_a_known_address_in_other_letters_is_known(sso: Sso, ada: User, email: str) -> None:
    await sso.opens(user={"sub": "mallory", "email": email, "email_verified": True})
    assert await sso.browser().signs_in() == "/sign-in?error=email_known"


async def test_row_20_an_address_nobody_verified_does_not_tell_whether_it_is_known(sso: Sso, ada: User) -> None:
    landed = set()
    for email in ("ada@example.org", "nobody@example.org"):
        await sso.opens(user={"sub": email, "email": email, "email_verified": False})
        landed.add(await sso.browser().signs_in())
    assert landed == {"/sign-in?error=provider_email_unverified"}


async def test_row_20_the_subject_decides_whatever_the_address_says(sso: Sso, ada: User, grace: User) -> None:
    await sso.links(ada, "subject-1")
    await sso.tenant.behaves(user={"sub": "subject-1", "email": "grace@example.org", "email_verified": True})
    browser = sso.browser()
    assert await browser.signs_in() == "/inbox"
    assert await browser.username() == "ada"


@pytest.mark.parametrize("subject", ["subject-1 ", "SUBJECT-1", "subject-1\u200b", "subject-10"])
async def test_row_20_a_subject_is_compared_exactly(sso: Sso, ada: User, subject: str) -> None:
    await sso.links(ada, "subject-1")
    await sso.tenant.behaves(user={"sub": subject})
    browser = sso.browser()
    assert (await browser.signs_in()).startswith("/sign-in?error=")
    assert not await browser.is_signed_in()


async def test_row_20_linking_needs_the_account_and_the_provider(sso: Sso, ada: User) -> None:
    browser = sso.browser(await sso.world.cookie_of(ada))
    begun = await browser.client.post(f"{API}/users/me/identities", json={"slug": "club"})
    assert await browser.returns(await browser.visits(begun.json()["authorize_url"])) == "/security"
    assert [(row.user_id, row.issuer, row.subject) for row in await identities(sso)] == [
        (ada.id, sso.tenant.issuer, "subject-1")
    ]
    assert await sso.browser().signs_in() == "/inbox"


async def test_row_20_nobody_is_made_to_link_an_identity_that_is_not_theirs(sso: Sso, ada: User, grace: User) -> None:
    """Mallory sends Ada the end of a link that Mallory began: it counts in Mallory's browser alone."""
    mallory = sso.browser(await sso.world.cookie_of(grace))
    begun = await mallory.client.post(f"{API}/users/me/identities", json={"slug": "club"})
    answer = await mallory.visits(begun.json()["authorize_url"])
    victim = sso.browser(await sso.world.cookie_of(ada))
    assert await victim.returns(answer) == "/sign-in?error=sign_in_expired"
    assert await identities(sso) == []


async def test_row_20_a_link_ends_with_the_session_that_began_it(sso: Sso, ada: User, grace: User) -> None:
    browser = sso.browser(await sso.world.cookie_of(ada))
    begun = await browser.client.post(f"{API}/users/me/identities", json={"slug": "club"})
    answer = await browser.visits(begun.json()["authorize_url"])
    browser.client.cookies.set("tidings", await sso.world.cookie_of(grace), domain="tidings.example")
    assert await browser.returns(answer) == "/security?error=sign_in_expired"
    assert await identities(sso) == []


async def test_row_20_an_identity_belongs_to_one_account(sso: Sso, ada: User, grace: User) -> None:
    await sso.links(grace)
    browser = sso.browser(await sso.world.cookie_of(ada))
    begun = await browser.client.post(f"{API}/users/me/identities", json={"slug": "club"})
    landed = await browser.returns(await browser.visits(begun.json()["authorize_url"]))
    assert landed == "/security?error=identity_taken"


async def test_row_20_of_many_who_link_one_identity_at_once_one_has_it(sso: Sso) -> None:
    people = [await sso.world.add(f"person{number}") for number in range(8)]
    ways = []
    for person in people:
        browser = sso.browser(await sso.world.cookie_of(person))
        begun = await browser.client.post(f"{API}/users/me/identities", json={"slug": "club"})
        ways.append((browser, await browser.visits(begun.json()["authorize_url"])))
    landed = await asyncio.gather(*(browser.returns(answer) for browser, answer in ways))
    assert sorted(landed) == ["/security"] + ["/security?error=identity_taken"] * 7
    assert len(await identities(sso)) == 1


async def test_row_20_rights_never_come_from_a_provider(sso: Sso) -> None:
    claims = {"access_type": "admin", "role": "admin", "roles": ["admin"], "groups": ["admin"], "is_admin": True}
    await sso.opens(user={"sub": "s", "email": "new@club.example", "email_verified": True, **claims})
    browser = sso.browser()
    await browser.signs_in()
    assert (await browser.client.get(f"{API}/users/me")).json()["access_type"] == "regular"


async def identities(sso: Sso) -> list[Identity]:
    async with sso.world.database.read() as session:
        return list((await session.scalars(select(Identity))).all())
