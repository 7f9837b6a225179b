"""Made-up customers and payers: names of people and businesses, and accounts."""

import random
from dataclasses import dataclass
from typing import Final

_FIRST: Final = ("Jan", "Marie", "Luc", "Els", "Hélène", "Piet", "Ann", "François", "Jürgen", "Sofie", "Karim", "Noor")
_LAST: Final = (
    "Peeters", "Janssens", "Maes", "Dubois", "Lambert", "Claes", "Goossens", "Wouters", "Müller", "Dupont", "Willems",
    "De Smet", "Van den Broeck", "Mertens", "Lejeune", "Thijs",
)  # fmt: skip
_TRADES: Final = ("Bouw", "Garage", "Bakkerij", "Électricité", "Tuinen", "Transport", "Boulangerie", "Dakwerken")
_FORMS: Final = ("BV", "NV", "SRL", "SA", "VOF", "")


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody whom the company invoices."""

    key: str
    name: str
    account: str


def make_relative(chance: random.Random, customer: Customer) -> str:
    """Return the name of a person with somebody's family name."""
    family = next((last for last in _LAST if last in customer.name), chance.choice(_LAST))
    return f"{chance.choice(_FIRST)} {family}"


def make_person(chance: random.Random) -> str:
    """Return the name of a person."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def make_name(chance: random.Random) -> str:
    """Return the name of a person or a business."""
    if chance.random() < 0.5:
        return make_person(chance)
    return f"{chance.choice(_TRADES)} {chance.choice(_LAST)} {chance.choice(_FORMS)}".strip()


def make_account(chance: random.Random) -> str:
    """Return a Belgian IBAN with right check digits."""
    base = chance.randrange(10**10)
    number = f"{base:010d}{base % 97 or 97:02d}"
    return f"BE{98 - int(number + '111400') % 97:02d}{number}"


def as_banks_write(chance: random.Random, name: str) -> str:
    """Write a name as banks do: in capitals, cut short, now and then the other way round."""
    words = name.upper().split()
    if chance.random() < 0.3:
        words.reverse()
    return " ".join(words)[:35]
