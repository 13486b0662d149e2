"""The streams as an AsyncAPI 3 document."""

from typing import Any

from tidings import __version__

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_TIME = {"type": "string", "format": "date-time"}
_CURSOR = {"type": "string", "description": "the position after applying this frame"}


def _frame(name: str, summary: str, **properties: dict[str, Any]) -> dict[str, Any]:
    fields = {"type": {"const": name}, **properties}
    return {
        "name": name,
        "summary": summary,
        "payload": {"type": "object", "required": list(fields), "properties": fields},
    }


_COUNTERS = {"unread_count": _NUMBER, "unseen_count": _NUMBER}
_FROM_SERVER = {
    "connected": _frame(
        "connected",
        "The stream is open and starts from this cursor.",
        cursor=_CURSOR,
        **_COUNTERS,
        heartbeat_s={"type": "number"},
        timestamp=_TIME,
    ),
    "notification": _frame(
        "notification",
        "An entry of the inbox changed; `deleted` carries its id alone, `all_read` stands for many.",
        event={"enum": ["new_notification", "updated", "deleted", "all_read"]},
        data={"type": "object"},
        cursor=_CURSOR,
        **_COUNTERS,
        timestamp=_TIME,
    ),
    "custom": _frame("custom", "A transient message of the host app.", data={}, timestamp=_TIME),
    "ping": _frame(
        "ping", "Proof of life with the position and counter.", cursor=_CURSOR, unread_count=_NUMBER, timestamp=_TIME
    ),
    "reset": _frame(
        "reset",
        "What the device holds cannot be brought up to date: read the list again.",
        reason={"enum": ["epoch_changed", "too_old", "ahead", "gap"]},
        timestamp=_TIME,
    ),
    "goodbye": _frame("goodbye", "The server stops; reconnect after this long.", retry_ms=_NUMBER),
}
_FROM_CLIENT = {
    "pong": _frame("pong", "Answer to a ping."),
    "resume": _frame("resume", "Go on from another position.", since=_TEXT),
    "auth": _frame("auth", "A fresh token, so that the stream may stay open.", token=_TEXT),
}
CLOSE_CODES = {
    1012: "drain, after goodbye",
    4005: "credential expired: refresh, then reconnect",
    4008: "too slow",
    4012: "no pong",
    4029: "too many connections from here",
    4500: "not authenticated",
    4503: "revoked or suspended",
    4504: "replaced by a newer connection",
    4513: "frame too large",
}


def asyncapi_document(prefix: str) -> dict[str, Any]:
    """The document; `prefix` is where the API is mounted."""
    channels = {
        "websocket": _channel(f"{prefix}/notifications/ws", {**_FROM_SERVER, **_FROM_CLIENT}),
        "serverSentEvents": _channel(f"{prefix}/notifications/stream", _FROM_SERVER),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tidings streams", "version": __version__, "description": _close_codes()},
        "channels": channels,
        "operations": {
            "receive": _operation("send", "websocket", _FROM_SERVER),
            "answer": _operation("receive", "websocket", _FROM_CLIENT),
            "receiveEvents": _operation("send", "serverSentEvents", _FROM_SERVER),
        },
    }


def _channel(address: str, messages: dict[str, Any]) -> dict[str, Any]:
    return {"address": address, "messages": messages}


def _operation(action: str, channel: str, messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _close_codes() -> str:
    lines = [f"- {code}: {meaning}" for code, meaning in CLOSE_CODES.items()]
    return "Close codes; below 4500 reconnect with full jitter, from 4500 on stop.\n\n" + "\n".join(lines)
