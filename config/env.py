"""Typed readers of environment variables.

A variable that is set but malformed stops the start with one clear sentence: a typing error in a
deployment must never turn into a silent default. Secrets have no default at all.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class MalformedSetting(Exception):
    """An environment variable is missing or does not read as what it must be."""


_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def read_text(name: str, default: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the variable's text, or the default when it is unset or empty."""
    return environ.get(name) or default


def read_secret(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return a secret from ``NAME`` or from the file named by ``NAME_FILE``.

    :raises MalformedSetting: when neither is set, or the file cannot be read.
    """
    if value := environ.get(name):
        return value
    path = environ.get(f"{name}_FILE")
    if not path:
        raise MalformedSetting(f"{name} is not set. Set {name}, or {name}_FILE with the path of a file that holds it.")
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        raise MalformedSetting(f"{name}_FILE={path} cannot be read: {error.strerror}.") from error


def read_key(name: str, environ: Mapping[str, str] = os.environ) -> bytes:
    """Return a secret of 32 bytes, written in base64 (either alphabet).

    :raises MalformedSetting: when it is not set, or is anything else.
    """
    return _key(name, read_secret(name, environ))


def read_public_keys(name: str, environ: Mapping[str, str] = os.environ) -> list[bytes]:
    """Return comma-separated keys of 32 bytes each, written in base64.

    :raises MalformedSetting: when one is anything else.
    """
    return [_key(name, text) for text in read_list(name, [], environ)]


def _key(name: str, text: str) -> bytes:
    malformed = MalformedSetting(f"{name} must be 32 bytes in base64, as `head -c 32 /dev/urandom | base64` writes.")
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise malformed from error
    if len(key) != 32:
        raise malformed
    return key


def read_folder(name: str, *, holding: tuple[str, ...], environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return a folder that holds a file of one of these patterns, or None when the variable is unset or empty.

    :raises MalformedSetting: when it is no folder, or holds no such file.
    """
    text = environ.get(name, "").strip()
    if not text:
        return None
    folder = Path(text).resolve()
    if not any(next(folder.glob(pattern), None) for pattern in holding):
        raise MalformedSetting(f"{name}={text} is no folder that holds {' or '.join(holding)}.")
    return folder


def read_bool(name: str, *, default: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """Return a yes or no.

    :raises MalformedSetting: when the text is neither.
    """
    text = environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise MalformedSetting(f"{name}={text!r} is neither yes nor no: use 1 or 0.")


def read_int(
    name: str,
    default: int,
    *,
    at_least: int = 0,
    at_most: int | None = None,
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Return a whole number within its bounds.

    :raises MalformedSetting: when it is no number or out of bounds.
    """
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = int(text)
    except ValueError as error:
        raise MalformedSetting(f"{name}={text!r} is not a whole number.") from error
    if value < at_least or (at_most is not None and value > at_most):
        upper = "" if at_most is None else f" and at most {at_most}"
        raise MalformedSetting(f"{name}={value} is out of bounds: it must be at least {at_least}{upper}.")
    return value


def read_list(name: str, default: list[str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the comma-separated, blank-trimmed parts of a variable."""
    text = environ.get(name, "")
    return [part.strip() for part in text.split(",") if part.strip()] or default


def read_prefixed(prefix: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return every variable that starts with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in environ.items() if name.startswith(prefix)}


def read_database(name: str, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return Django's connection settings of a ``postgresql://`` URL.

    A socket folder goes into the query: ``postgresql://user@/name?host=/run/postgresql``.

    :raises MalformedSetting: when it is unset, of another scheme, or names no database.
    """
    url = environ.get(name, "")
    if not url:
        raise MalformedSetting(
            f"{name} is not set: it must be a URL such as postgresql://user:password@host:5432/name."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MalformedSetting(f"{name} is not a URL: {error}.") from error
    database = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not database:
        raise MalformedSetting(f"{name} must look like postgresql://user:password@host:5432/name.")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def read_bucket(environ: Mapping[str, str] = os.environ) -> dict[str, Any] | None:
    """Return where the bucket of `BLOB_BUCKET` is and who may use it, or None when no bucket is named.

    :raises MalformedSetting: when one is named and its keys are missing, or its endpoint is no URL.
    """
    bucket = environ.get("BLOB_BUCKET", "").strip()
    if not bucket:
        return None
    endpoint = environ.get("BLOB_ENDPOINT", "").strip().rstrip("/")
    if endpoint and urlsplit(endpoint).scheme not in {"http", "https"}:
        raise MalformedSetting(f"BLOB_ENDPOINT={endpoint} must be a URL such as https://s3.example.com.")
    return {
        "bucket": bucket,
        "endpoint": endpoint,
        "region": read_text("BLOB_REGION", "eu-central-1", environ),
        "access_key_id": read_secret("BLOB_ACCESS_KEY_ID", environ),
        "secret_access_key": read_secret("BLOB_SECRET_ACCESS_KEY", environ),
        "timeout_seconds": read_int("BLOB_TIMEOUT_SECONDS", 20, at_least=1, at_most=300, environ=environ),
    }


def read_redis(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return a ``redis://`` or ``rediss://`` URL (TCP: the cache and Celery share it).

    :raises MalformedSetting: when it is unset or of another scheme.
    """
    url = environ.get(name, "")
    if urlsplit(url).scheme not in {"redis", "rediss"}:
        raise MalformedSetting(f"{name} must be set, and look like redis://:password@host:6379/0.")
    return url
