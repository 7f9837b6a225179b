"""A worker in the test's own thread: Saxon belongs to one thread, so it is the client that calls from another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import current_app
from django.db import connection
from kombu.simple import SimpleQueue


def call_beside_a_worker(call: Callable[[], Any], *, task: str) -> Any:
    """Make a call in a thread, run the first message of this task that it sends, and return the call's answer."""

    def calling() -> Any:
        try:
            return call()
        finally:
            connection.close()

    with current_app.connection_for_read() as broker, ThreadPoolExecutor(1) as pool:
        queue: Any = SimpleQueue(broker, "celery")  # type: ignore[no-untyped-call] # kombu ships no types
        queue.clear()
        answer = pool.submit(calling)
        _run_one(queue, task)
        queue.close()
        return answer.result()


def _run_one(queue: Any, task: str) -> None:
    while True:
        message = queue.get(timeout=10)
        message.ack()
        if message.headers["task"] == task:
            _args, kwargs, _embed = message.payload
            current_app.tasks[task](**kwargs)
            return
