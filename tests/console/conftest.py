"""Deliveries and kept mails of this world."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from tests.console.office import keep_mail, put_delivery
from tests.world import World
from tidings.channels.email.composing import Mail
from tidings.outbox.writing import NewDelivery

Sending = Callable[..., Awaitable[NewDelivery]]
Keeping = Callable[..., Mail]


@pytest.fixture
def send(world: World) -> Sending:
    """`put_delivery` in this world."""
    return partial(put_delivery, world.tidings)


@pytest.fixture
def keep(world: World) -> Keeping:
    """`keep_mail` in this world."""
    return partial(keep_mail, world.tidings)
