"""What answers hold, to the letter of API.md."""

import httpx

NOTIFICATION = frozenset(
    [
        "id",
        "event_id",
        "type",
        "type_code",
        "priority",
        "title",
        "message",
        "data",
        "actor",
        "action_url",
        "action_text",
        "icon",
        "image_url",
        "group_key",
        "is_seen",
        "is_read",
        "read_at",
        "is_dismissed",
        "dismissed_at",
        "snoozed_until",
        "sent_in_app",
        "sent_email",
        "sent_push",
        "reason",
        "created_at",
        "expires_at",
        "revision",
    ]
)
NOTIFICATION_FOR_KEYS = NOTIFICATION | {"user_id", "external_id"}
SENT = frozenset({"event_id", "accepted", "deduplicated", "notifications"})
ENTRY = frozenset({"id", "user_id", "external_id"})
PLANNED = frozenset({"channel", "verdict", "reason", "due_at"})
EXPLAINED = PLANNED | {"detail", "attempts"}
CHANNELS = ["in_app", "email", "push", "sms", "webhook", "chat"]
PROBLEM = frozenset({"type", "title", "status", "detail", "instance", "code"})


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which is a whole problem document (RFC 9457)."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert frozenset(problem) == (PROBLEM | {"errors"} if answer.status_code == 422 else PROBLEM)
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["instance"] == answer.request.url.path
    return answer.status_code, problem["code"]


def pointers(answer: httpx.Response) -> list[str]:
    """Where a request was wrong."""
    return [fault["pointer"] for fault in answer.json()["errors"]]
