"""The shop's pages: a customer's orders, and the bell."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from examples.shop.models import Customer, Order, OrderItem
from examples.shop.orders import AlreadyShipped, OrderNotFound, OutOfStock, orders_of, ship
from examples.shop.tokens import recipient_token

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 0 auto; padding: 1rem; }
header { display: flex; align-items: center; justify-content: space-between; }
button { font: inherit; padding: 0.4rem 0.8rem; }
"""
router = APIRouter(default_response_class=HTMLResponse)


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One request, one transaction."""
    async with request.app.state.sessions.begin() as session:
        yield session


# scope="function": committed before the answer leaves, so that nobody is shown what is not so.
Session = Annotated[AsyncSession, Depends(transaction, scope="function")]


@router.get("/")
async def show_customers(session: Session) -> str:
    """Who are you today? A real shop has a sign-in here."""
    customers = await session.scalars(select(Customer).order_by(Customer.id))
    links = (f'<li><a href="/customers/{each.id}">{escape(each.name)}</a></li>' for each in customers)
    return _page("A bicycle shop", f"<ul>{''.join(links)}</ul>")


@router.get("/customers/{customer_id}")
async def show_orders(request: Request, customer_id: int, session: Session) -> str:
    """A customer's orders, with their bell."""
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise HTTPException(404, "There is no such customer.")
    token = await recipient_token(session, customer, now=datetime.now(UTC))
    orders = "".join(_order(order) for order in await orders_of(session, customer))
    return _page(f"Orders of {customer.name}", orders, bell=_bell(f"{request.base_url}tidings", token))


@router.post("/orders/{number}/ship")
async def ship_order(number: int, session: Session) -> RedirectResponse:
    """Ship an order. A refusal rolls everything back, the news included."""
    try:
        order = await ship(session, number, now=datetime.now(UTC))
    except OrderNotFound:
        raise HTTPException(404, "There is no such order.") from None
    except AlreadyShipped:
        raise HTTPException(409, "It has left already.") from None
    except OutOfStock:
        raise HTTPException(409, "Nothing of it is in stock.") from None
    return RedirectResponse(f"/customers/{order.customer_id}", status_code=303)


def _order(order: Order) -> str:
    items = "".join(f"<li>{escape(item.product.name)}{_state(order, item)}</li>" for item in order.items)
    button = (
        f'<form method="post" action="/orders/{order.number}/ship"><button>Ship order {order.number}</button></form>'
    )
    return f"<h2>Order {order.number}</h2><ul>{items}</ul>{'<p>Shipped.</p>' if order.shipped_at else button}"


def _state(order: Order, item: OrderItem) -> str:
    if item.packed:
        return ", packed"
    return ", out of stock" if order.shipped_at else ""


def _bell(server: str, token: str) -> str:
    return (
        f'<script type="module" src="{server}/static/inbox.js"></script>'
        f'<tidings-bell server="{server}" token="{token}"></tidings-bell>'
    )


def _page(title: str, body: str, *, bell: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><header><h1>{escape(title)}</h1>{bell}</header><main>{body}</main></body></html>"
    )
