"""What happens around a commit: steps just before it, callbacks just after it, each once per transaction.

Both hang on the session's outermost transaction: its rollback forgets them with everything else, that of a savepoint
does not. SQLAlchemy fires its commit events at the release of a savepoint too; those are passed over.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

Value = TypeVar("Value")
_before: WeakKeyDictionary[SessionTransaction, dict[object, Callable[[Session], None]]] = WeakKeyDictionary()
_after: WeakKeyDictionary[SessionTransaction, list[Callable[[], None]]] = WeakKeyDictionary()
_values: WeakKeyDictionary[SessionTransaction, dict[type, Any]] = WeakKeyDictionary()


def root_transaction(session: Session) -> SessionTransaction:
    """The outermost transaction the session is in; it begins one if none has begun."""
    transaction = session.get_transaction() or session.begin()
    while transaction.parent is not None:
        transaction = transaction.parent
    return transaction


def transaction_value(session: Session, kind: type[Value]) -> Value:
    """The one `kind()` of this transaction, made at the first call and forgotten when the transaction ends."""
    values = _values.setdefault(root_transaction(session), {})
    if kind not in values:
        values[kind] = kind()
    value: Value = values[kind]
    return value


def before_commit(session: AsyncSession | Session, step: Callable[[Session], None]) -> None:
    """Run `step` inside the transaction just before it commits; the same step is registered once."""
    inner = _synchronous(session)
    _before.setdefault(root_transaction(inner), {})[step] = step


def after_commit(session: AsyncSession | Session, callback: Callable[[], None]) -> None:
    """Run `callback` once the transaction is durable. It must not raise, block or touch the session."""
    inner = _synchronous(session)
    _after.setdefault(root_transaction(inner), []).append(callback)


def _synchronous(session: AsyncSession | Session) -> Session:
    return session.sync_session if isinstance(session, AsyncSession) else session


@event.listens_for(Session, "before_commit")
def _run_steps(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for step in list(_before.get(root_transaction(session), {}).values()):
        step(session)


@event.listens_for(Session, "after_commit")
def _run_callbacks(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for callback in _after.pop(root_transaction(session), []):
        callback()
