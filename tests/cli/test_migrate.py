"""`tidings migrate`."""

from tests.cli.terminal import Terminal
from tidings.migrations.upgrade import newest_revision


def test_an_empty_database_is_brought_to_this_release(any_empty_terminal: Terminal) -> None:
    assert f"from an empty database to {newest_revision()}" in any_empty_terminal.does("migrate").told


def test_migrating_again_changes_nothing(any_terminal: Terminal) -> None:
    assert f"already at {newest_revision()}" in any_terminal.does("migrate").told


def test_a_dry_run_only_says_what_would_be_done(any_empty_terminal: Terminal) -> None:
    for _ in range(2):
        told = any_empty_terminal.does("migrate", "--dry-run").told
        assert f"at an empty database; would go to {newest_revision()}" in told


def test_a_revision_there_is_not_is_refused_in_a_sentence(empty_terminal: Terminal) -> None:
    for options in ((), ("--dry-run",)):
        refused = empty_terminal.run("migrate", "--revision", "nonsense", *options)
        assert refused.code == 2
        assert "--revision" in refused.told


def test_a_migrated_database_can_be_used_at_once(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    any_terminal.does("send", "--to", "ada", "--title", "Hello")


def test_nobody_else_on_the_machine_reads_the_database_or_the_key(empty_terminal: Terminal) -> None:
    empty_terminal.does("migrate")
    for name in ("tidings.db", "secret_keys"):
        assert (empty_terminal.data_dir / name).stat().st_mode & 0o077 == 0
