"""What customers are told, and how they are told it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from examples.shop.models import Customer
from tidings import NotificationType, Somebody, notify

welcome = NotificationType("customer.welcome", title="Welcome, {{ data.name }}", category="shop", icon="heart")
order_shipped = NotificationType(
    "order.shipped",
    title="Order {{ data.number }} shipped",
    message="It will be with you in two days.",
    why="You ordered it.",
    channels=("in_app", "email"),
    category="orders",
    icon="package",
)
item_packed = NotificationType(
    "order.item_packed",
    title="{{ data.product }} is packed",
    message="For your order {{ data.number }}.",
    why="You ordered it.",
    category="orders",
    icon="check",
)
TYPES = (welcome, order_shipped, item_packed)


async def tell(
    session: AsyncSession,
    customer: Customer,
    news: NotificationType,
    data: dict[str, Any],  # Any: whatever the texts of the type show
    *,
    once: str,
) -> None:
    """Tell a customer something in the transaction of `session`, once however often it is repeated."""
    who = Somebody(customer.external_id, email=customer.email, name=customer.name)
    await notify(session, news, to=who, data=data, dedupe_key=once)
