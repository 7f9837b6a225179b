"""Databases that a run made for itself."""

from typing import Any

import psycopg
from psycopg import sql


def drop_database(owner: psycopg.Connection[Any], name: str) -> None:
    """Drop a database that may be there, whoever is connected to it."""
    try:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        # The server tidies up in it, which only the server ends: a plain drop asks it to, and waits.
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
