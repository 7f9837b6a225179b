"""Interleaved rounds: every step once, then every step again, so that a slow minute touches all of them alike."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final, Self

MANY, FEW = 5, 3
_LONG_ROUND_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """The seconds that each step took in each round."""

    seconds: dict[str, list[float]]

    def median(self, step: str) -> float:
        """Return a step's median seconds."""
        return median(self.seconds[step])

    def ratio(self, step: str, baseline: str) -> float:
        """Return the median of how many times its baseline a step took, round by round."""
        return median(a / b for a, b in zip(self.seconds[step], self.seconds[baseline], strict=True))


def interleave(steps: Mapping[str, Callable[[int], float]]) -> Rounds:
    """Run the steps in rounds; each is given the number of its round and returns its own seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    started = time.perf_counter()
    rounds = MANY
    number = 0
    while number < rounds:
        for name, step in steps.items():
            seconds[name].append(step(number))
        if number == 0 and time.perf_counter() - started > _LONG_ROUND_SECONDS:
            rounds = FEW
        number += 1
    return Rounds(seconds)


class Stopwatch:
    """`with Stopwatch() as watch: …`, then `watch.seconds`."""

    seconds = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = time.perf_counter() - self._started
