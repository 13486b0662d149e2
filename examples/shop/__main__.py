"""`python -m examples.shop`: the shop on http://127.0.0.1:8500."""

import os

import uvicorn

from examples.shop.app import create_app

HOST, PORT = "127.0.0.1", 8500

if __name__ == "__main__":
    os.environ.setdefault("TIDINGS_BASE_URL", f"http://{HOST}:{PORT}/tidings")
    uvicorn.run(create_app(), host=HOST, port=PORT)
