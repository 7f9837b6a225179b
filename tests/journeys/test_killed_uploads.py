"""Two hundred uploads at once, while web and worker processes are killed hard: nothing accepted is lost or doubled."""

import json
import os
import signal
import threading
import time
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.deploy.launching import children
from tests.factories.wire import Supplier, make_document
from tests.journeys.callers import Wire, software
from tests.journeys.instances import Instance, eventually, is_ready
from tests.journeys.test_main_path import connect

UPLOADS, CALLERS = 200, 20
PATIENCE_SECONDS = 120
# What the tables and the stored bytes say, read in the service's own process.
TOLD = """
import json
from apps.blobs.selectors import read_bytes
from apps.invoices.models import Invoice
told = {}
sent = Invoice.objects.filter(number__startswith="KILL-")
for invoice in sent.prefetch_related("arrivals", "deliveries", "versions"):
    told.setdefault(invoice.number, []).append({
        "id": str(invoice.uuid),
        "state": invoice.state,
        "arrivals": sorted(arrival.outcome for arrival in invoice.arrivals.all()),
        "inbox": [row.state for row in invoice.deliveries.all() if row.channel == "inbox"],
        "sizes": [len(read_bytes(version.document)) for version in invoice.versions.all()],
    })
print(json.dumps(told))
"""


class Caller:
    """A software that sends each document until it is answered 200 or 201, as its maker would have it do."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.answers: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.tries: dict[str, int] = defaultdict(int)
        self.taken = 0
        self._lock = threading.Lock()

    def send(self, number: str, document: bytes) -> None:
        """Send until it is taken."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.tries[number] += 1
            try:
                status, body = self.wire.upload(document)
            except (OSError, ValueError):  # reset, refused, or cut in the middle of the answer
                status, body = 0, {}
            self.answers[number].append((status, body.get("id", "") if isinstance(body, dict) else ""))
            if status in {200, 201}:
                with self._lock:
                    self.taken += 1
                return
            time.sleep(0.2)
        raise AssertionError(f"{number} was not taken: {self.answers[number]}")


def test_every_upload_that_was_answered_2xx_is_in_the_inbox_once(instance: Instance, world: dict[str, Any]) -> None:
    company = [row for row in world["companies"] if row["scenario"] == "ready"][3]
    wire = software(instance, world, "bouwsoft")
    connect(instance, wire, company)
    supplier = Supplier(company["enterprise_number"], company["name"])
    documents = {
        number: make_document(supplier, number=number, reference=None)
        for number in (f"KILL-{place:03}" for place in range(UPLOADS))
    }
    caller = Caller(wire)

    with ThreadPoolExecutor(CALLERS) as pool:
        sending = [pool.submit(caller.send, number, document) for number, document in documents.items()]
        _kill_on_the_way(instance, caller, sending)
        for each in sending:
            each.result()
    eventually(lambda: is_ready(instance.base))
    told = eventually(lambda: _all_delivered(instance), seconds=120)
    assert told

    assert sum(caller.tries.values()) > UPLOADS, "the kills cut some uploads off"
    assert set(told) == set(documents)
    assert sum(len(rows) for rows in told.values()) == UPLOADS, "no number became two invoices"
    for number, (invoice,) in told.items():
        taken = [(status, uuid) for status, uuid in caller.answers[number] if status in {200, 201}]
        assert {uuid for _status, uuid in taken} == {invoice["id"]}
        assert invoice["inbox"] == ["delivered"]
        assert invoice["sizes"] == [len(documents[number])]
        assert invoice["arrivals"].count("first") == 1
        assert set(invoice["arrivals"]) <= {"first", "duplicate"}
        assert len(taken) <= len(invoice["arrivals"]) <= caller.tries[number], "an arrival is an upload, no more"
        # A 200 says that an earlier try, whose answer was lost or a 5xx, had been taken.
        assert (taken[0][0] == 200) == (len(invoice["arrivals"]) > 1)


def _kill_on_the_way(instance: Instance, caller: Caller, sending: "list[Future[None]]") -> None:
    """Kill one process after the other, each at a moment when uploads are on their way."""
    for at, (name, is_child) in zip(
        (20, 50, 80, 110, 140, 170),
        (
            ("granian", True),
            ("worker", False),
            ("granian", False),
            ("worker", True),
            ("granian", True),
            ("worker", False),
        ),
        strict=True,
    ):
        eventually(partial(_has_come, caller, at, sending), seconds=90)
        eventually(partial(_kill, instance, name, is_child=is_child))


def _has_come(caller: Caller, at: int, sending: "list[Future[None]]") -> bool:
    return caller.taken >= at or all(each.done() for each in sending)


def _kill(instance: Instance, name: str, *, is_child: bool) -> bool:
    """Kill a service's main process or one of its children; tell whether there was one."""
    found = instance.processes(name)
    pids = [child for pid in found for child in children(pid) if _is_worker(child)] if is_child else found
    for pid in pids[:1]:
        os.kill(pid, signal.SIGKILL)
    return bool(pids)


def _is_worker(pid: int) -> bool:
    """Tell a process that works from Python's own tracker of resources."""
    return b"resource_tracker" not in (Path("/proc") / str(pid) / "cmdline").read_bytes()


def _all_delivered(instance: Instance) -> dict[str, Any] | None:
    said = instance.manage("shell", "--no-imports", "-c", TOLD).stdout
    told: dict[str, Any] = json.loads(said)
    is_done = all(row["inbox"] for rows in told.values() for row in rows)
    return told if is_done else None
