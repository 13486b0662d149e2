"""The first start: the shop gets its stock, its customers, and the secret it signs their tokens with."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from examples.shop.models import Customer, Order, OrderItem, Product, Secret
from examples.shop.news import tell, welcome
from examples.shop.tokens import SIGNING_SECRET
from tidings import Tidings, create_signing_secret


async def open_shop(sessions: async_sessionmaker[AsyncSession], tidings: Tidings) -> None:
    """Fill an empty database; one that has been filled is left as it is."""
    async with sessions.begin() as session:
        if await session.scalar(select(Secret.name).limit(1)) is not None:
            return
        await agree_on_secret(session, tidings)
        customers = _customers()
        session.add_all([*customers, *_shelves(), *_orders()])
        for customer in customers:
            # From now on Tidings knows them, so their bell works.
            await tell(session, customer, welcome, {"name": customer.name}, once=f"welcome-{customer.id}")


async def agree_on_secret(session: AsyncSession, tidings: Tidings) -> None:
    """Have Tidings make a signing secret, and keep it: in one transaction, so that neither knows one alone."""
    _, secret = await create_signing_secret(session, name="shop", keyring=tidings.keyring, now=datetime.now(UTC))
    session.add(Secret(name=SIGNING_SECRET, value=secret))


def _customers() -> list[Customer]:
    return [Customer(id=1, name="Ada", email="ada@example.org"), Customer(id=2, name="Emmy", email="emmy@example.org")]


def _shelves() -> list[Product]:
    return [
        Product(sku="bell", name="A brass bell", stock=5),
        Product(sku="saddle", name="A leather saddle", stock=1),
        Product(sku="tandem", name="A tandem", stock=0),
    ]


def _orders() -> list[Order]:
    ordered = {17: (1, ("bell", "saddle")), 18: (1, ("bell", "tandem")), 19: (1, ("tandem",)), 20: (2, ("bell",))}
    return [
        Order(number=number, customer_id=customer, items=[OrderItem(sku=sku) for sku in skus])
        for number, (customer, skus) in ordered.items()
    ]
