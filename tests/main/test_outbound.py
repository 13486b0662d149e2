"""TIDINGS_OUTBOUND_ALLOW: the one exemption from the guard of outgoing requests."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.conftest import TEST_KEYS
from tests.services.answering import answering, says
from tidings import Tidings
from tidings.kernel.outbound.errors import OutboundRefused
from tidings.settings import Settings

HELLO = says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


def test_networks_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIDINGS_OUTBOUND_ALLOW", " 10.0.0.0/8, 192.168.7.4 ,fd00::/8,")
    assert Settings(data_dir=tmp_path).outbound_allow == (
        ip_network("10.0.0.0/8"),
        ip_network("192.168.7.4/32"),
        ip_network("fd00::/8"),
    )


@pytest.mark.parametrize("text", ["intranet.example", "10.0.0.1/8", "10.0.0.0/40", "*"])
def test_what_is_no_network_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TIDINGS_OUTBOUND_ALLOW", text)
    with pytest.raises(ValidationError):
        Settings()


async def test_the_setting_opens_what_is_closed_without_it(tmp_path: Path) -> None:
    async with answering(HELLO) as server:
        closed = Tidings(settings=Settings(data_dir=tmp_path, secret_keys=TEST_KEYS))
        with pytest.raises(OutboundRefused):
            await closed.outbound.send("GET", f"http://127.0.0.1:{server.port}/")
        opened = Settings(data_dir=tmp_path, secret_keys=TEST_KEYS, outbound_allow=(ip_network("127.0.0.1"),))
        answer = await Tidings(settings=opened).outbound.send("GET", f"http://127.0.0.1:{server.port}/")
        assert answer.body == b"hello"
