"""A hundred tokens, each exchanged ten times at once over connections that were all open before the first byte."""

import http.client
import json
import resource
import socket
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.factories.numbers import make_enterprise_number
from tests.journeys.callers import Wire, software
from tests.journeys.instances import Instance, eventually, is_ready
from tests.journeys.mail import tokens_for

TOKENS, EXCHANGES, READERS, CALLERS = 100, 10, 20, 4
# Pairs that are exchanged once more after every void one was tried.
REPEATED = 5
NEEDED_FILES = TOKENS * EXCHANGES + 200
# The order in which the pairs of the tokens were given, which no answer tells.
GIVEN = """
import json
from apps.tokens.models import Credential
print(json.dumps(list(
    Credential.objects.filter(connection__company__name__startswith="Stormloop")
    .order_by("id").values_list("username", flat=True)
)))
"""


@dataclass(frozen=True)
class Answer:
    """What one exchange was answered."""

    token: str
    status: int
    pair: dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def _enough_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < NEEDED_FILES:
        pytest.skip(f"a process may open {hard} files here, and {NEEDED_FILES} are needed")
    if soft < NEEDED_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (NEEDED_FILES, hard))


def test_a_thousand_simultaneous_exchanges_leave_exactly_one_working_pair_a_token(
    instance: Instance, world: dict[str, Any], tmp_path: Path
) -> None:
    wire = software(instance, world, "myfact")
    tokens = _mail_tokens(instance, world, wire, tmp_path)

    answers = _exchange_all_at_once(instance, wire, [token for token in tokens for _ in range(EXCHANGES)])

    assert [answer.status for answer in answers] == [200] * (TOKENS * EXCHANGES)
    last = _pairs_given_last(instance, answers)
    assert last.keys() == set(tokens)
    void = [answer.pair for answer in answers if answer.pair != last[answer.token]]
    assert len(void) == TOKENS * (EXCHANGES - 1)
    assert _statuses(wire, void) == [401] * len(void)
    # A void pair's use was no first use: the token may still be exchanged, and the pair it gave before is void too.
    for token in tokens[:REPEATED]:
        status, pair = wire.call("GET", f"get-credentials/{token}/")
        assert status == 200
        assert _statuses(wire, [last[token]]) == [401]
        last[token] = pair
    assert _statuses(wire, list(last.values())) == [200] * TOKENS
    for token in tokens[:REPEATED]:
        assert wire.call("GET", f"get-credentials/{token}/")[0] == 410


def _mail_tokens(instance: Instance, world: dict[str, Any], wire: Wire, folder: Path) -> list[str]:
    """Have an accounting office bring a hundred clients, ask for a token for each, and read the mails."""
    numbers = [make_enterprise_number(f"0103{place:04d}") for place in range(1, TOKENS + 1)]
    path = folder / "clients.csv"
    lines = [f"{number};Stormloop {number};{number}@stormloop.example" for number in numbers]
    path.write_text("\n".join(["Ondernemingsnummer;Naam;E-mail", *lines]), encoding="utf-8")
    imported = instance.manage("import_clients", world["offices"][0]["enterprise_number"], str(path))
    assert imported.returncode == 0, imported.stdout + imported.stderr
    with ThreadPoolExecutor(CALLERS) as pool:
        assert [status for status, _body in pool.map(wire.request_token, numbers)] == [201] * TOKENS
    return eventually(lambda: _all_of(tokens_for(instance, "@stormloop.example")))


def _all_of(tokens: list[str]) -> list[str]:
    return tokens if len(tokens) == TOKENS else []


def _exchange_all_at_once(instance: Instance, wire: Wire, tokens: list[str]) -> list[Answer]:
    """Open every connection, then send every request, then read every answer."""
    connections = [socket.create_connection(("127.0.0.1", instance.port), timeout=300) for _ in tokens]
    try:
        # Connections that say nothing keep nobody else out.
        eventually(lambda: is_ready(instance.base))
        for connection, token in zip(connections, tokens, strict=True):
            connection.sendall(_exchange_request(wire, token))
        with ThreadPoolExecutor(READERS) as pool:
            return list(pool.map(_read_answer, connections, tokens))
    finally:
        for connection in connections:
            connection.close()


def _exchange_request(wire: Wire, token: str) -> bytes:
    key = wire.headers["X-Software-Company"]
    head = f"GET /v2/get-credentials/{token}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Software-Company: {key}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode()


def _read_answer(connection: socket.socket, token: str) -> Answer:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return Answer(token, answer.status, json.loads(answer.read()))


def _pairs_given_last(instance: Instance, answers: list[Answer]) -> dict[str, dict[str, str]]:
    """Return each token's last pair, by the order in which the service made them."""
    shown = instance.manage("shell", "--verbosity", "0", "-c", GIVEN)
    assert shown.returncode == 0, shown.stderr
    place = {username: number for number, username in enumerate(json.loads(shown.stdout))}
    pairs: dict[str, list[dict[str, str]]] = defaultdict(list)
    for answer in answers:
        pairs[answer.token].append(answer.pair)
    return {token: max(given, key=lambda pair: place[pair["username"]]) for token, given in pairs.items()}


def _statuses(wire: Wire, pairs: list[dict[str, str]]) -> list[int]:
    """Use each pair once, a few at a time."""

    def use(pair: dict[str, str]) -> int:
        caller = Wire(wire.base.removesuffix("/v2"), wire.headers["X-Software-Company"])
        caller.sign_in(pair)
        return caller.call("GET", "connection/")[0]

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(use, pairs))
