"""Kept connections: how many, how long, and what happens to those the server gave up."""

import asyncio

import pytest

from tests.channels.email.mails import HandingOver, channel, mail
from tests.channels.email.peer import STALL, hostile
from tidings.channels.base import Sent


async def test_no_more_connections_are_open_than_allowed() -> None:
    async with hostile({}) as peer, channel(peer.url, connections=3) as email:
        most = 0

        async def handing_over() -> None:
            nonlocal most
            most = max(most, peer.open_connections)

        outcomes = await asyncio.gather(*(email.send(mail(), handing_over=handing_over) for _ in range(20)))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert 1 <= most <= 3
    assert peer.connections <= 3
    assert len(peer.mails) == 20


async def test_a_connection_that_the_server_closed_is_replaced_without_the_mail_noticing() -> None:
    async with hostile({}) as peer, channel(peer.url) as email:
        await email.send(mail(), handing_over=HandingOver())
        await peer.hang_up()
        handing_over = HandingOver()
        assert isinstance(await email.send(mail(), handing_over=handing_over), Sent)
    assert (peer.connections, handing_over.times) == (2, 1)


async def test_an_idle_connection_is_closed_politely() -> None:
    async with hostile({}) as peer, channel(peer.url, idle_s=0.01) as email:
        await email.send(mail(), handing_over=HandingOver())
        await peer.until("QUIT")
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert peer.connections == 2


async def test_closing_the_channel_closes_what_is_kept() -> None:
    async with hostile({}) as peer:
        async with channel(peer.url) as email:
            await email.send(mail(), handing_over=HandingOver())
        await peer.until("QUIT")
        await peer.until_closed()


async def test_a_cancelled_mail_takes_its_connection_along() -> None:
    async with hostile({"dot": [STALL, "250 ok"]}) as peer, channel(peer.url, connections=1) as email:
        sending = asyncio.create_task(email.send(mail(), handing_over=HandingOver()))
        await peer.until_mail()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await peer.until_closed()
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert peer.connections == 2
