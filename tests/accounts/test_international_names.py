"""A server whose name is no ASCII: browsers send it as A-labels, and so it is compared (RFC 5891)."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import ME, PASSKEYS, add_passkey
from tests.accounts.world import World, code, make_app
from tidings.accounts.api import router
from tidings.accounts.models import User
from tidings.settings import Settings

SENT = "https://xn--bcher-kva.example"


def base_url_of(url: str, folder: Path) -> str:
    return Settings(base_url=url, data_dir=folder).base_url


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://bücher.example", SENT),
        ("https://BÜCHER.example:8443/tidings/", f"{SENT}:8443/tidings"),
        ("https://bu\u0308cher.example", SENT),
        ("https://books.example/bücher", "https://books.example/bücher"),
        ("http://[::1]:8400", "http://[::1]:8400"),
    ],
)
def test_the_base_url_is_kept_as_browsers_send_it(said: str, kept: str, tmp_path: Path) -> None:
    assert base_url_of(said, tmp_path) == kept


def test_so_are_the_origins_of_other_pages(tmp_path: Path) -> None:
    settings = Settings(allowed_origins=("https://bücher.example", "https://a.example"), data_dir=tmp_path)
    assert settings.allowed_origins == (SENT, "https://a.example")


def test_a_name_that_no_server_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="is no host name"):
        base_url_of("https://☃\u200b.example", tmp_path)


async def test_passkeys_are_bound_to_the_name_and_open_the_account(world: World, ada: User, tmp_path: Path) -> None:
    app = make_app(world, router, base_url=base_url_of("https://bücher.example", tmp_path))
    authenticator = Authenticator(origin=SENT)
    token = (await world.tokens_of(ada)).access_token
    async with world.client(app=app, bearer=token) as browser:
        assert (await add_passkey(browser, authenticator)).status_code == 201
        assert len((await browser.get(PASSKEYS)).json()["passkeys"]) == 1
    async with world.client(app=app) as nobody:
        nobody.headers["Origin"] = SENT
        options = (await nobody.post("/api/v1/auth/passkey/options")).json()["public_key"]
        assert options["rpId"] == "xn--bcher-kva.example"
        signed_in = await nobody.post("/api/v1/auth/passkey", json={"passkey": authenticator.get(options)})
        assert signed_in.status_code == 200, signed_in.text
        assert (await nobody.get(ME)).json()["username"] == "ada"
        nobody.headers["Origin"] = "https://bucher.example"
        assert code(await nobody.patch(ME, json={"city": "Turin"})) == (403, "cross_site")
        nobody.headers["Origin"] = SENT
        assert (await nobody.patch(ME, json={"city": "Turin"})).status_code == 200
