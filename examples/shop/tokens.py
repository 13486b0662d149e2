"""Recipient tokens: what a customer's page shows to Tidings to be let into that customer's inbox."""

from datetime import datetime, timedelta

import jwt
from sqlalchemy.ext.asyncio import AsyncSession

from examples.shop.models import Customer, Secret

SIGNING_SECRET = "tidings_signing_secret"
LIFE = timedelta(hours=1)


async def recipient_token(session: AsyncSession, customer: Customer, *, now: datetime) -> str:
    """A token for the inbox of this customer, and for nothing else."""
    secret = await session.get_one(Secret, SIGNING_SECRET)
    claims = {"sub": customer.external_id, "aud": "tidings", "exp": now + LIFE}
    return jwt.encode(claims, secret.value, algorithm="HS256")
