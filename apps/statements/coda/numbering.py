"""The numbers of movements: continuous, details counted apart, rolling over from 9999 by 0000 to 0001."""

from typing import Final

_ROLL_OVER: Final = 10_000
_NUMBERS: Final = {f"{number:04d}": number for number in range(_ROLL_OVER)}
# Numbers are compared on a ring: up to half of it ahead is a gap, the other half lies behind and is a
# repetition.
_HALF: Final = 5_000
_DETAIL_OF_SECOND_LEVEL: Final = "9"
_DETAIL_WITH_BREAKDOWN: Final = "7"


class Numbering:
    """Follows the numbers of one statement, and tells which movement a detail belongs to."""

    __slots__ = ("_breakdown", "_total", "detail", "is_separate_application", "problem", "sequence")

    def __init__(self, *, is_separate_application: bool) -> None:
        self.is_separate_application = is_separate_application
        self.sequence = 0
        self.detail = 0
        self.problem = ""
        self._total: int | None = None
        self._breakdown: int | None = None

    def follow_movement(self, record: str, ordinal: int) -> int | None:
        """Take the next 2.1 record; return the ordinal of its parent; set `problem` to a finding code or to
        nothing.

        A detail of type 9 belongs to the last one of type 7, every other detail to the booked movement of its
        sequence. In a separate application details come without their total.
        """
        sequence, detail = _NUMBERS.get(record[2:6]), _NUMBERS.get(record[6:10])
        if sequence is None or detail is None:
            self.problem = "sequence_gap"
            return None
        if detail == 0 and not (self.detail == _ROLL_OVER - 1 and sequence == self.sequence):
            step = (sequence - self.sequence) % _ROLL_OVER
            self.problem = _problem_of(step) if step != 1 else ""
            self.sequence, self.detail = sequence, 0
            self._total, self._breakdown = ordinal, None
            return None
        return self._follow_detail(sequence, detail, record[53], ordinal)

    def _follow_detail(self, sequence: int, detail: int, kind: str, ordinal: int) -> int | None:
        step = (sequence - self.sequence) % _ROLL_OVER
        if step == 0:
            self.problem = _problem_of((detail - self.detail) % _ROLL_OVER)
        else:
            self.problem = "" if step == 1 and self.is_separate_application else _problem_of(step) or "sequence_gap"
            self._total = self._breakdown = None
        self.sequence, self.detail = sequence, detail
        parent = self._breakdown if kind == _DETAIL_OF_SECOND_LEVEL and self._breakdown else self._total
        if kind == _DETAIL_WITH_BREAKDOWN:
            self._breakdown = ordinal
        return parent

    def follow_information(self, record: str) -> None:
        """Take a 3.1 record of the current movement: it uses up a detail number."""
        detail = _NUMBERS.get(record[6:10])
        if detail is not None and 0 < (detail - self.detail) % _ROLL_OVER < _HALF:
            self.detail = detail


def _problem_of(step: int) -> str:
    """Judge the distance from the former number: 1 is right."""
    if step == 1:
        return ""
    return "sequence_gap" if 1 < step <= _HALF else "sequence_repeat"
