"""Taking a URL apart: one reading, or none."""

import pytest

from tidings.kernel.outbound.errors import OutboundRefused
from tidings.kernel.outbound.types import Refusal
from tidings.kernel.outbound.urls import parse_target


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://id.example", "id.example", 443, "/"),
        ("https://ID.Example.:8443/Path?Q=1#fragment", "id.example", 8443, "/Path?Q=1"),
        ("https://bücher.example/ä", "xn--bcher-kva.example", 443, "/%C3%A4"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/"),
        ("https://[2606:4700::1111]:444/", "2606:4700::1111", 444, "/"),
        ("http://localhost:1/", "localhost", 1, "/"),
        ("https://8.example/", "8.example", 443, "/"),
    ],
)
def test_a_plain_url_is_taken_apart(url: str, host: str, port: int, path: str) -> None:
    target = parse_target(url)
    assert (target.host, target.port, target.path) == (host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "https://user@id.example/",
        "https://user:secret@id.example/",
        "https://public.example@127.0.0.1/",
        "https://public.example\\@127.0.0.1/",
        "https://127.0.0.1\t.example/",
        "https://id.example:0/",
        "https://id.example:/",
        "https://id.example:65536/",
        "https://id.example:port/",
        "https:///path",
        "https://",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://127.0.0.01/",
        "https://256.256.256.256/",
        "https://１２７.0.0.1/",
        "https://①②⑦.0.0.①/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[127.0.0.1]/",
        "https://a..b/",
        "https://-a.example/",
        "https://" + "a" * 64 + ".example/",
        "https://id.example/" + "a" * 2_048,
        "https://id.example/\r\nHost: other",
        "https://id.example/\0",
    ],
)
def test_a_url_with_two_readings_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        parse_target(url)
    assert refused.value.reason is Refusal.URL


@pytest.mark.parametrize("url", ["ftp://id.example", "file:///etc/passwd", "gopher://x", "//id.example", "id.example"])
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        parse_target(url)
    assert refused.value.reason is Refusal.SCHEME
