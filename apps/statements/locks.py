"""Taking the lock of an account, under which its statements come in one after the other."""

from django.db import connection

from apps.core import locks


def lock_account(*, account: str, currency: str) -> None:
    """Hold an account, known or not, to the end of the caller's transaction: IBAN, or the number as written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [locks.ACCOUNTS, f"{account}|{currency}"])


def lock_account_unhurried(*, account: str, currency: str) -> None:
    """Hold an account as `lock_account` does, in a transaction whose commit does not wait for the disk.

    For work that is found undone and done again when the machine crashes before the next commit that does wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s)), set_config('synchronous_commit', 'off', true)",
            [locks.ACCOUNTS, f"{account}|{currency}"],
        )
