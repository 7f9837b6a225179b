"""Enterprise numbers with right check digits, without a database."""


def make_enterprise_number(first_eight: str) -> str:
    """Return the ten digits of a number that begins with these eight."""
    return f"{first_eight}{97 - int(first_eight) % 97:02d}"
