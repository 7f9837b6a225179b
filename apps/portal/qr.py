"""A QR code as a drawing: one path over a square of modules, its quiet zone included."""

from dataclasses import dataclass

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData

_QUIET = 4


@dataclass(frozen=True, slots=True)
class QrPicture:
    """What an SVG draws: a square of `size` modules a side, the dark ones as `path`."""

    size: int
    path: str


def draw_qr(text: str) -> QrPicture:
    """Return the QR code of a text in UTF-8, at error correction M, as bytes throughout."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(QRData(text.encode(), mode=MODE_8BIT_BYTE), optimize=0)
    code.make(fit=True)
    matrix = code.get_matrix()
    return QrPicture(len(matrix), "".join(_draw_row(y, row) for y, row in enumerate(matrix)))


def _draw_row(y: int, row: list[bool]) -> str:
    """Draw the dark runs of a row as lines through the middle of its modules."""
    drawn, x = "", 0
    while x < len(row):
        length = 0
        while x + length < len(row) and row[x + length]:
            length += 1
        if length:
            drawn += f"M{x} {y}.5h{length}"
        x += length or 1
    return drawn
