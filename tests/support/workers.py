"""Workers that run pending reactions and are killed hard at random, each followed at once by another.

`python -m tests.support.workers WORKERS EVERY SEED`: with Django loaded and no connection open, this process forks the
workers; they tell through a pipe what they ran. After about every EVERY reactions one of them gets SIGKILL, in the
middle of whatever it does. When nothing is left that is due, the last one does what waited after a death.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from datetime import timedelta

import django


def work(days: int, told: int) -> None:
    """Run what is due, in no order, until nothing is; the clock stands so many days ahead, past all waiting."""
    from apps.core import clock
    from apps.events.batches import run_with_its_like
    from apps.events.models import PendingReaction
    from apps.events.tasks import call_task, call_task_for_many

    now = clock.now() + timedelta(days=days)
    dice = random.Random(os.getpid())
    while due := list(PendingReaction.objects.filter(due_at__lte=now, held_at=None).values_list("pk", flat=True)[:200]):
        for pending_id in dice.sample(due, min(len(due), 5)):
            ran = run_with_its_like(pending_id=pending_id, run=call_task, run_many=call_task_for_many, now=now)
            if ran and told:
                os.write(told, bytes(min(ran, 250)))


def fork(run: Callable[[], None]) -> int:
    """Fork a process that does this and nothing else."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run()
            code = 0
        finally:
            os._exit(code)
    return child


def main(workers: int, every: int, seed: int) -> None:
    """Keep so many workers at it, kill on the way, and say how many were killed."""
    dice, days = random.Random(seed), 0
    reading, writing = os.pipe()

    def start() -> int:
        nonlocal days
        days += 1
        ahead = days
        return fork(lambda: work(ahead, writing))

    alive = {start() for _ in range(workers)}
    killed, ran, next_kill = 0, 0, dice.randrange(1, every + 1)
    os.set_blocking(reading, False)
    while alive:
        try:
            ran += len(os.read(reading, 65_536))
        except BlockingIOError:
            ended = _reap(alive)
            alive -= ended
            continue
        if ran >= next_kill and alive:
            victim = dice.choice(sorted(alive))
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            alive ^= {victim, start()}
            killed, next_kill = killed + 1, ran + dice.randrange(1, 2 * every)
    code = os.waitpid(fork(lambda: work(10_000, 0)), 0)[1]
    sys.stdout.write(f"{killed}\n")
    sys.exit(1 if code else 0)


def _reap(alive: set[int]) -> set[int]:
    """Wait a moment for a worker that ends by itself."""
    ended = {pid for pid in alive if os.waitpid(pid, os.WNOHANG)[0]}
    if not ended:
        signal.sigtimedwait([signal.SIGCHLD], 0.01)
    return ended


if __name__ == "__main__":
    from celery import current_app

    django.setup()
    import config.celery  # noqa: F401 # the application whose tasks these are

    current_app.loader.import_default_modules()
    main(*map(int, sys.argv[1:4]))
