"""What broke elsewhere and must not break here: one test for each, which fails when its guard is removed."""

import asyncio
import json
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.accounts.factors import recovery_codes_of, totp_of, turn_on_totp
from tests.accounts.mailbox import newest
from tests.accounts.oidc import Sso
from tests.accounts.racing import at_once
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import API, ME, WRONG, log_in
from tests.accounts.test_sign_up import sign_up
from tests.accounts.world import PASSWORD, World, code, make_app
from tests.security.test_row_19_oidc import EXPIRED, UNUSABLE
from tests.security.test_row_61_rate_limits import attempt
from tests.services.answering import answering, authority, certified, says, trusting
from tidings.accounts.api import router
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.accounts.mfa.recovery_codes import use_recovery_code
from tidings.accounts.mfa.totp import check_totp
from tidings.accounts.models import User
from tidings.accounts.passwords import PERMITS, WAITING, hash_password
from tidings.kernel.errors import Busy
from tidings.kernel.outbound.client import OutboundClient
from tidings.kernel.outbound.types import IpAddress
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.memory import MemoryCounts
from tidings.kernel.rate_limits.types import Limit
from tidings.settings import Settings

NEW = "another horse, another staple"
COLUMNS = [column.name for column in User.__table__.columns]
FLOOD = PERMITS + WAITING + 20


async def test_regression_the_last_step_of_a_reset_alone_sets_no_password(world: World) -> None:
    """The steps before it were skipped: nobody asked, or the token that is shown was mailed for something else."""
    await open_sign_up(world)
    await sign_up(world)
    other_letter = (await newest(world, "verify_email")).token
    async with world.client() as stranger:
        await stranger.post(f"{API}/auth/password-reset/request", json={"email": "linus@example.org"})
        right = (await newest(world, "password_reset")).token
        for token in (other_letter, f"{right}x", "tdm_", "null"):
            body = {"token": token, "new_password": NEW}
            assert code(await stranger.post(f"{API}/auth/password-reset/confirm", json=body)) == (400, "token_invalid")
        for none in ({}, {"token": ""}, {"token": None}):
            empty = await stranger.post(f"{API}/auth/password-reset/confirm", json={**none, "new_password": NEW})
            assert code(empty) == (422, "invalid_request")
        done = await stranger.post(f"{API}/auth/password-reset/confirm", json={"token": right, "new_password": NEW})
    assert done.status_code == 200  # all of it was refused for the token, and used nothing up


async def test_regression_a_body_does_not_say_who_is_meant(world: World, ada: User, grace: User) -> None:
    asked = [
        ("PATCH", ME, {"city": "Helsinki"}),
        ("PUT", f"{ME}/password", {"password": NEW, "current_password": PASSWORD}),
        ("PUT", f"{ME}/email", {"email": "eve@example.org"}),
        ("POST", f"{API}/auth/confirm", {"password": PASSWORD}),
    ]
    before = await world.user(grace.id)
    async with await world.browser_of(ada) as browser:
        for method, path, body in asked:
            for name, value in (("id", str(grace.id)), ("user_id", str(grace.id)), ("username", "grace")):
                if (path, name) != (ME, "username"):  # one's own to change, and taken: refused all the same
                    answer = await browser.request(method, path, json={**body, name: value})
                    assert code(answer) == (422, "invalid_request"), (path, name)
        assert (await browser.patch(ME, json={"username": "grace"})).status_code == 422
    after = await world.user(grace.id)
    assert before is not None
    assert after is not None
    assert all(getattr(before, column) == getattr(after, column) for column in COLUMNS)


async def test_regression_an_oauth_state_is_worth_nothing_in_another_browser(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    attacker, victim = sso.browser(), sso.browser()
    await victim.leaves()
    answer = await attacker.visits(await attacker.leaves())
    assert await victim.returns(answer) == EXPIRED
    assert not await victim.is_signed_in()


async def test_regression_the_aliases_of_an_account_share_one_count_of_failures(world: World, ada: User) -> None:
    aliases = ("ada", "ADA", "ada@example.org", "Ada@Example.ORG", "ada")
    async with world.client() as browser:
        for alias in aliases:
            assert code(await log_in(browser, alias, WRONG)) == (401, "invalid_credentials")
        for alias in aliases:
            assert code(await log_in(browser, alias)) == (429, "too_many_attempts")


async def test_regression_a_one_time_code_is_accepted_once_in_a_race(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        await turn_on_totp(world, browser)
        recovery_code, *_ = await recovery_codes_of(browser)
    app = await totp_of(world, ada)
    now = world.clock.now()
    answers = await at_once(
        world.database, lambda session: check_totp(session, ada.id, app.at(now), keyring=world.keyring, now=now)
    )
    assert sorted(answers) == [False] * 15 + [True]
    answers = await at_once(world.database, lambda session: use_recovery_code(session, grace.id, recovery_code))
    assert sorted(answers) == [False] * 15 + [True]


async def test_regression_no_session_outlives_a_suspension(world: World, ada: User, grace: User) -> None:
    tokens = await world.tokens_of(ada)
    async with (
        await world.browser_of(grace) as admin,
        await world.browser_of(ada) as browser,
        world.client(bearer=tokens.access_token) as app,
    ):
        for what in ("suspend", "reactivate"):  # what was ended does not come back with the account either
            assert (await admin.post(f"{API}/users/{ada.id}/{what}")).status_code == 200
            assert code(await browser.get(ME)) == (401, "not_authenticated")
            assert code(await app.get(ME)) == (401, "not_authenticated")
            refreshed = await app.post(f"{API}/auth/refresh", json={"refresh_token": tokens.refresh_token})
            assert code(refreshed) == (401, "invalid_refresh_token")


async def test_regression_hashing_in_parallel_keeps_to_its_permits_and_sheds_the_rest() -> None:
    flood = [asyncio.create_task(hash_password(PASSWORD)) for _ in range(FLOOD)]
    most = 0
    while not all(each.done() for each in flood):
        most = max(most, len([each for each in threading.enumerate() if each.name.startswith("password")]))
        await asyncio.wait(flood, timeout=0.01)
    shed = [error for each in flood if (error := each.exception())]
    assert 0 < most <= PERMITS
    assert shed
    assert {(type(error), getattr(error, "status", None)) for error in shed} == {(Busy, 503)}


async def test_regression_no_answer_comes_from_memory_after_a_session_was_ended(world: World, ada: User) -> None:
    """Neither inside a transaction nor where callers are looked up together, apart from one."""
    apart = f"{ME}/password"
    async with await world.browser_of(ada) as browser, await world.browser_of(ada) as other:
        for _ in range(2):
            assert (await browser.get(ME)).status_code == 200
            assert code(await browser.put(apart, json={})) == (422, "invalid_request")
        assert (await other.delete(f"{ME}/sessions")).status_code == 204
        assert code(await browser.get(ME)) == (401, "not_authenticated")
        assert code(await browser.put(apart, json={})) == (401, "not_authenticated")


async def test_regression_a_forwarded_address_is_not_believed_by_default(world: World, tmp_path: Path) -> None:
    world.trusted_proxies = Settings(data_dir=tmp_path, _env_file=None).trusted_proxies
    none = Limit("none", 0)
    world.rate_limits = RateLimits(MemoryCounts(), sign_in=Limit("sign-in", 3), user=none, key=none)
    world.app = make_app(world, router)
    answers = [await attempt(world, headers={"X-Forwarded-For": f"198.51.100.{number}"}) for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_regression_an_issuer_does_not_lead_inside_our_network(sso: Sso, grace: User) -> None:
    """A provider in perfect order, but its name leads to an address of our own: nothing connects to it."""

    async def inside(_host: str, _port: int) -> Sequence[IpAddress]:
        return [ip_address("127.0.0.1")]

    async def describes_itself(writer: asyncio.StreamWriter) -> None:
        endpoints = {name: f"{issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        document = json.dumps({"issuer": issuer, **endpoints})
        await says(f"HTTP/1.1 200 OK\r\nContent-Length: {len(document)}\r\n\r\n{document}".encode())(writer)

    ca = authority()
    async with answering(describes_itself, tls=certified(ca, "id.example")) as neighbour:
        issuer = f"https://id.example:{neighbour.port}"
        outbound = OutboundClient(resolve=inside, trust=trusting(ca))
        sso.world.app.state.provider_directory = ProviderDirectory(outbound)
        body = {"slug": "inside", "name": "Inside", "issuer": issuer, "client_id": "x"}
        async with await sso.world.browser_of(grace) as admin:
            assert code(await admin.post(f"{API}/identity-providers", json=body)) == (422, "provider_unusable")
        await sso.changes(issuer=issuer)  # a name that led elsewhere when the provider was made
        assert await sso.browser().leaves() == UNUSABLE
        assert (neighbour.requests, neighbour.server_names) == ([], [])


@pytest.mark.parametrize(
    "query",
    [
        {"password_hash": "x"},
        {"password_hash__startswith": "$argon2"},
        {"filter": "password_hash like '$argon2%'"},
        {"where": "1=1"},
        {"order_by": "password_hash"},
        {"columns": "password_hash"},
    ],
)
async def test_regression_a_filter_nobody_declared_reaches_no_query(
    world: World, ada: User, grace: User, query: dict[str, str]
) -> None:
    async with await world.browser_of(grace) as admin:
        plain = (await admin.get(f"{API}/users")).json()
        assert (await admin.get(f"{API}/users", params=query)).json() == plain


async def test_regression_a_search_is_text_over_the_fields_one_may_see(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser, await world.browser_of(grace) as admin:
        for hidden in ("$argon2", "%", "_", "' OR '1'='1"):
            for client in (browser, admin):
                assert (await client.get(f"{API}/users", params={"search": hidden})).json()["total"] == 0
        assert (await browser.get(f"{API}/users", params={"search": "@example.org"})).json()["total"] == 0
        assert code(await admin.get(f"{API}/users", params={"state": "active' OR '1'='1"})) == (422, "invalid_request")
