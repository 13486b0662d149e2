"""Orders leave the shop. Nothing here commits: whoever calls has opened the transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from examples.shop.models import Customer, Order, OrderItem, Product
from examples.shop.news import item_packed, order_shipped, tell


class OrderNotFound(LookupError):
    """There is no such order."""


class AlreadyShipped(Exception):
    """The order left before."""


class OutOfStock(Exception):
    """The shelf is empty."""


async def ship(session: AsyncSession, number: int, *, now: datetime) -> Order:
    """Ship an order with whatever is in stock; its customer is told of the order and of each item in it.

    Raises OrderNotFound or AlreadyShipped, and OutOfStock when nothing of it is there.
    """
    order = await find_order(session, number)
    if order.shipped_at is not None:
        raise AlreadyShipped
    order.shipped_at = now
    await tell(session, order.customer, order_shipped, {"number": number}, once=f"shipped-{number}")
    packed = [await pack_from_stock(session, order, item) for item in order.items]
    if not any(packed):
        raise OutOfStock
    return order


async def pack_from_stock(session: AsyncSession, order: Order, item: OrderItem) -> bool:
    """Pack an item within a savepoint: when it is out of stock, nothing is left of the attempt, nor of its news."""
    try:
        async with session.begin_nested():
            await pack(session, order, item)
    except OutOfStock:
        return False
    return True


async def pack(session: AsyncSession, order: Order, item: OrderItem) -> None:
    """Take an item from its shelf and tell the customer. Raises OutOfStock."""
    item.packed = True
    news = {"number": order.number, "product": item.product.name}
    await tell(session, order.customer, item_packed, news, once=f"packed-{item.id}")
    on_shelf = update(Product).where(Product.sku == item.sku, Product.stock > 0)
    taken = await session.scalar(on_shelf.values(stock=Product.stock - 1).returning(Product.sku))
    if taken is None:
        raise OutOfStock


async def find_order(session: AsyncSession, number: int) -> Order:
    """An order with its customer and items, locked until the transaction ends. Raises OrderNotFound."""
    wanted = (
        select(Order)
        .where(Order.number == number)
        .options(joinedload(Order.customer, innerjoin=True), selectinload(Order.items).joinedload(OrderItem.product))
        .with_for_update(of=Order)
    )
    order = await session.scalar(wanted)
    if order is None:
        raise OrderNotFound
    return order


async def orders_of(session: AsyncSession, customer: Customer) -> Sequence[Order]:
    """A customer's orders with their items, in the order they were placed."""
    wanted = (
        select(Order)
        .where(Order.customer_id == customer.id)
        .options(selectinload(Order.items).joinedload(OrderItem.product))
        .order_by(Order.number)
    )
    return (await session.scalars(wanted)).all()
