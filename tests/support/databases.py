"""Databases that a run made for itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

# Migrated once a run, and copied: migrating takes as long as some hundred tests.
TEMPLATE: Final = f"test_codabox_{os.environ.get('PYTEST_XDIST_TESTRUNUID', 'alone')}"
_ADDRESSES: Final = ("DATABASE_URL", "DATABASE_OWNER_URL")


def connect_as_owner() -> psycopg.Connection[Any]:
    """Connect to the given server with the right to make databases."""
    return psycopg.connect(os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"], autocommit=True)


def lock_template(owner: psycopg.Connection[Any]) -> bool:
    """Let nobody else make, copy or drop the template while this connection is open; tell whether it is there."""
    owner.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])
    return owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is not None


def copy_template(owner: psycopg.Connection[Any], name: str) -> None:
    """Make a database that is migrated."""
    owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, TEMPLATE))))


@contextmanager
def database_of_a_service(name: str) -> Iterator[dict[str, str]]:
    """Make a migrated database on the given server; gives the variables that name it, and drops it in the end."""
    name = f"{name}_{os.getpid()}"
    with connect_as_owner() as owner:
        assert lock_template(owner), "django_db_setup has made it"
        copy_template(owner, name)
    try:
        yield {
            variable: urlsplit(os.environ[variable])._replace(path=f"/{name}").geturl()
            for variable in _ADDRESSES
            if variable in os.environ
        }
    finally:
        with connect_as_owner() as owner:
            drop_database(owner, name)


def drop_database(owner: psycopg.Connection[Any], name: str) -> None:
    """Drop a database that may be there, whoever is connected to it."""
    try:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        # The server tidies up in it, which only the server ends: a plain drop asks it to, and waits.
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
