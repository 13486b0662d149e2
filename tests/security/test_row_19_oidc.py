"""Row 19: state, nonce and PKCE are used once and bound to the browser; issuer, audience and algorithm are exact."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.accounts.oidc import API, Sso, Tenant, query_of
from tidings.accounts.identities.models import OidcState
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.models import User
from tidings.kernel.ids import new_id

UNPROVEN = "/sign-in?error=identity_unproven"
EXPIRED = "/sign-in?error=sign_in_expired"
UNUSABLE = "/sign-in?error=provider_unusable"
LIES: dict[str, dict[str, Any]] = {
    "no signature": {"signs_with": "nothing"},
    "signed with the public key": {"signs_with": "public key"},
    "signed with a key nobody published": {"signs_with": "hidden key"},
    "an unknown key": {"header": {"kid": "nobody's"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "the issuer with a slash more": {"claims": {"iss": "slash"}},
    "no issuer": {"claims": {"iss": None}},
    "another audience": {"claims": {"aud": "somebody else"}},
    "two audiences": {"claims": {"aud": ["tidings", "somebody else"]}},
    "no audience": {"claims": {"aud": None}},
    "another authorized party": {"claims": {"azp": "somebody else"}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "no subject": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a number as subject": {"claims": {"sub": 1}},
    "no end": {"claims": {"exp": None}},
    "an end that is text": {"claims": {"exp": "never"}},
    "no issue time": {"claims": {"iat": None}},
    "issued long ago": {"claims": {"iat": 1}},
    "another access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
}


@pytest.mark.parametrize("lie", LIES)
async def test_row_19_an_id_token_that_lies_proves_nothing(sso: Sso, ada: User, lie: str) -> None:
    await sso.links(ada)
    habits = LIES[lie]
    if habits.get("claims", {}).get("iss") == "slash":
        habits = {"claims": {"iss": f"{sso.tenant.issuer}/"}}
    await sso.tenant.behaves(**habits)
    browser = sso.browser()
    assert await browser.signs_in() == UNPROVEN
    assert not await browser.is_signed_in()


@pytest.mark.parametrize(("seconds", "landed"), [(-359, "/inbox"), (-361, UNPROVEN), (59, "/inbox"), (61, UNPROVEN)])
async def test_row_19_an_id_token_holds_for_its_time_and_a_minute_of_wrong_clocks(
    sso: Sso, ada: User, seconds: int, landed: str
) -> None:
    """Its time is five minutes; a provider's clock may be a minute off either way."""
    await sso.links(ada)
    await sso.tenant.behaves(moment=sso.world.clock.now().timestamp() + seconds)
    assert await sso.browser().signs_in() == landed


async def test_row_19_a_state_comes_back_once(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    assert await browser.returns(answer) == "/inbox"
    assert await browser.returns(answer) == EXPIRED


async def test_row_19_of_16_that_come_back_at_once_one_is_let_in(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    landed = await asyncio.gather(*(browser.returns(answer) for _ in range(16)))
    assert sorted(landed) == ["/inbox"] + [EXPIRED] * 15


async def test_row_19_the_state_of_another_browser_is_worth_nothing(sso: Sso, ada: User, grace: User) -> None:
    """Login CSRF: a victim's browser is made to finish the attacker's sign-in."""
    await sso.links(ada)
    attacker, victim = sso.browser(), sso.browser()
    answer = await attacker.visits(await attacker.leaves())
    assert await victim.returns(answer) == EXPIRED
    assert not await victim.is_signed_in()
    await victim.leaves()  # has a browser secret of its own now
    again = await attacker.visits(await attacker.leaves())
    assert await victim.returns(again) == EXPIRED


async def test_row_19_a_state_shown_by_a_stranger_is_spent(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    assert await sso.browser().returns(answer) == EXPIRED
    assert await browser.returns(answer) == EXPIRED


async def test_row_19_a_state_ends_after_ten_minutes(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    sso.world.clock.advance(minutes=10)
    assert await browser.returns(answer) == EXPIRED


@pytest.mark.parametrize("state", ["", "made-up", "x" * 4_000])
async def test_row_19_a_made_up_state_is_worth_nothing(sso: Sso, state: str) -> None:
    browser = sso.browser()
    await browser.leaves()
    assert await browser.returns(f"{API}/auth/oidc/club/callback?code=x&state={state}") == EXPIRED


async def test_row_19_the_code_of_another_trip_is_refused_by_pkce(sso: Sso, ada: User) -> None:
    """Code injection: the code of the attacker's trip is put into the answer of the victim's."""
    await sso.links(ada)
    attacker, victim = sso.browser(), sso.browser()
    stolen = query_of(await attacker.visits(await attacker.leaves()))["code"]
    own = await victim.visits(await victim.leaves())
    injected = own.replace(query_of(own)["code"], stolen)
    assert await victim.returns(injected) == UNPROVEN
    assert not await victim.is_signed_in()


async def test_row_19_the_verifier_leaves_this_server_only_to_redeem_the_code(sso: Sso) -> None:
    url = await sso.browser().leaves()
    async with sso.world.database.read() as session:
        row = (await session.scalars(select(OidcState))).one()
    verifier = sso.world.keyring.unseal(row.sealed, place=row.place).decode()
    assert len(verifier) >= 43
    assert verifier not in url
    assert verifier not in row.sealed
    assert query_of(url)["state"].encode() != row.digest


@pytest.mark.parametrize("issuer", ["https://evil.example", "slash", ""])
async def test_row_19_an_answer_that_names_another_issuer_is_a_mix_up(sso: Sso, ada: User, issuer: str) -> None:
    """RFC 9207."""
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    named = f"{sso.tenant.issuer}/" if issuer == "slash" else issuer
    assert await browser.returns(answer.replace(f"iss={sso.tenant.issuer}", f"iss={named}")) == UNPROVEN


async def test_row_19_a_provider_that_always_names_itself_cannot_be_silent(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    assert await browser.returns(answer.replace(f"&iss={sso.tenant.issuer}", "")) == UNPROVEN


async def test_row_19_a_provider_that_never_names_itself_may_be_silent(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    await sso.tenant.behaves(names_issuer=False)
    assert await sso.browser().signs_in() == "/inbox"


async def test_row_19_an_answer_at_the_callback_of_another_provider_is_a_mix_up(
    sso: Sso, ada: User, oidc_process: str
) -> None:
    await sso.links(ada)
    await another_provider(sso, oidc_process)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves("club"))
    assert await browser.returns(answer.replace("/oidc/club/", "/oidc/other/")) == EXPIRED


async def test_row_19_a_subject_of_another_issuer_is_somebody_else(sso: Sso, ada: User, oidc_process: str) -> None:
    await sso.links(ada)
    await another_provider(sso, oidc_process)
    assert await sso.browser().signs_in("other") == "/sign-in?error=no_account"


async def test_row_19_a_discovery_document_of_another_issuer_is_not_used(sso: Sso) -> None:
    await sso.tenant.behaves(discovery={"issuer": f"{sso.tenant.issuer}/"})
    assert await sso.browser().leaves() == UNUSABLE


async def test_row_19_a_huge_discovery_document_is_not_read(sso: Sso) -> None:
    await sso.tenant.behaves(padding=1_000_000)
    assert await sso.browser().leaves() == UNUSABLE


async def test_row_19_endpoints_inside_our_network_are_not_asked(sso: Sso, ada: User) -> None:
    """The client is the guarded one of row 50: a provider cannot send us to our own neighbours."""
    await sso.links(ada)
    await sso.tenant.behaves(discovery={"token_endpoint": "http://127.0.0.2:1/token"})
    assert await sso.browser().signs_in() == UNUSABLE


async def test_row_19_a_new_key_of_the_provider_is_learned(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    assert await sso.browser().signs_in() == "/inbox"
    await sso.tenant.behaves(rotate=True)
    assert await sso.browser().signs_in() == "/inbox"
    assert await sso.tenant.asked("/jwks") == 2


async def test_row_19_keys_are_asked_for_once_more_and_not_again_and_again(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    await sso.browser().signs_in()
    await sso.tenant.behaves(header={"kid": "nobody's"})
    assert await sso.browser().signs_in() == UNPROVEN
    assert await sso.tenant.asked("/jwks") == 2


async def test_row_19_what_a_provider_says_of_itself_is_kept_for_an_hour(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    await sso.browser().signs_in()
    await sso.browser().signs_in()
    assert await sso.tenant.asked("/.well-known/openid-configuration") == 1
    sso.world.clock.advance(hours=1)
    await sso.tenant.behaves(moment=sso.world.clock.now().timestamp())
    await sso.browser().signs_in()
    assert await sso.tenant.asked("/.well-known/openid-configuration") == 2


async def test_row_19_the_cookie_that_binds_is_closed_to_scripts_and_short(sso: Sso) -> None:
    browser = sso.browser()
    answer = await browser.client.get(f"{API}/auth/oidc/club/start")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("tidings-oidc=tdo_")
    assert {"httponly", "samesite=lax", "path=/", "max-age=600"} <= {part.strip() for part in cookie.split(";")}


async def another_provider(sso: Sso, process: str) -> Tenant:
    """A second provider, `other`, with the same client."""
    tenant = Tenant(f"{process}/{uuid4().hex}")
    await tenant.behaves(moment=sso.world.clock.now().timestamp())
    club = sso.provider
    values = {column.name: getattr(club, column.name) for column in IdentityProvider.__table__.columns}
    other = IdentityProvider(**values | {"id": new_id(), "slug": "other", "issuer": tenant.issuer})
    secret = sso.world.keyring.unseal(club.sealed or "", place=club.place)
    other.sealed = sso.world.keyring.seal(secret, place=other.place)
    async with sso.world.database.write() as session:
        session.add(other)
    return tenant
