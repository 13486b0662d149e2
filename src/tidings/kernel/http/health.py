"""`/livez` says the process runs; `/readyz` says it can serve: the database answers and no shutdown has begun."""

import asyncio

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

CHECK_TIMEOUT_S = 2


def add_health(app: FastAPI) -> None:
    """Serve both at the root, without a credential and without a secret."""
    app.state.is_draining = False
    methods = ["GET", "HEAD"]  # some load balancers ask for the head alone
    app.add_api_route("/livez", _livez, methods=methods, include_in_schema=False)
    app.add_api_route("/readyz", _readyz, methods=methods, include_in_schema=False)


async def _livez() -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> JSONResponse:
    if request.app.state.is_draining:
        return JSONResponse({"status": "draining"}, 503)
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S), request.app.state.database.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return JSONResponse({"status": "database unavailable"}, 503)
    return JSONResponse({"status": "ok"})
