"""The worlds of the security tests: those of accounts, on a fresh database of either kind."""

from tests.accounts.conftest import accounts_app, ada, clock, database, grace, guest, oidc_process, sso, world

__all__ = ["accounts_app", "ada", "clock", "database", "grace", "guest", "oidc_process", "sso", "world"]
