"""Databases for one run: made by the owner, used as the application, dropped at the end; nobody else's are touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tests.support.databases import drop_database


@contextmanager
def fresh_database(name: str) -> Iterator[None]:
    """Make a migrated database and connect this process to it, as the application and as the owner."""
    _as_owner("CREATE DATABASE {}", name)
    try:
        connect_to(name)
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        _drop(name)


@contextmanager
def copied_database(name: str, template: str) -> Iterator[None]:
    """Make a copy of a database as it is now; this process's connections to it are closed for that."""
    connections.close_all()
    _as_owner("CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield
    finally:
        _drop(name)


def connect_to(name: str) -> None:
    """Connect this process to a database, as the application and as the owner."""
    for alias in ("default", "owner"):
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name


def address_of(name: str) -> str:
    """Return the application's address of a database of this run."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def name_for(group: str) -> str:
    """Return a name that no other run uses at the same time."""
    return f"bench_{group}_{os.getpid()}"


def run_as_owner(statement: str, *parameters: int | str | datetime, **named: int | str | datetime) -> int:
    """Run one statement in the present database as its owner, with parameters by place or by name.

    Returns the rows it touched.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, named or parameters)
        return int(cursor.rowcount)


def server_version() -> str:
    """Return the database server's name and version."""
    with _connect_as_owner() as owner:
        row = owner.execute("SELECT 'PostgreSQL ' || current_setting('server_version')").fetchone()
    return str(row[0]) if row else ""


def _drop(name: str) -> None:
    connections.close_all()
    with _connect_as_owner() as owner:
        drop_database(owner, name)


def _as_owner(statement: str, *names: str) -> None:
    with _connect_as_owner() as owner:
        owner.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _connect_as_owner() -> psycopg.Connection:
    return psycopg.connect(os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"], autocommit=True)
