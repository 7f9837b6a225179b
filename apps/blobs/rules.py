"""How fast everything stored is read again."""


def wait_to_keep_rate(count: int, *, seconds: float, bytes_a_second: int) -> float:
    """Return the seconds to wait after reading so many bytes in so many seconds; a rate of zero bounds nothing."""
    if not bytes_a_second:
        return 0.0
    return max(0.0, count / bytes_a_second - seconds)
