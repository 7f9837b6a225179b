"""What is read is not lost: it can be written back, byte for byte, and both ways of reading give the same."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.statements.coda import assembly, read_coda
from apps.statements.coda.writer import write_back, write_file
from tests.statements.coda.drafts import STATEMENT, coda_bytes, statement_drafts

FOLDER = Path(__file__).parents[2] / "samples" / "coda"
RICH = coda_bytes()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.cod")), ids=lambda path: path.name)
def test_a_sample_is_written_back_byte_for_byte(path: Path) -> None:
    data = path.read_bytes()
    coda_file = read_coda(BytesIO(data))
    written = b"".join(write_back(coda_file))

    assert coda_file.quarantined or written == data


@given(
    st.lists(statement_drafts, min_size=1, max_size=3),
    st.sampled_from(["\r\n", "\n", "\r", "\r\n\r\n"]),
    st.sampled_from(["cp1252", "cp850"]),
    st.sampled_from([b"", b"\x1a", b"\r\n \r\n"]),
)
def test_any_written_file_is_written_back_byte_for_byte(
    drafts: list[object], line_end: str, encoding: str, ending: bytes
) -> None:
    data = write_file(drafts, encoding=encoding, line_end=line_end) + ending  # type: ignore[arg-type]

    assert b"".join(write_back(read_coda(data))) == data


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf_8_is_written_back_byte_for_byte(mark: bytes) -> None:
    data = mark + b"\r\n" + RICH.decode("cp1252").encode()

    assert b"".join(write_back(read_coda(data))) == data


def test_a_stream_is_read_as_its_bytes_are_and_left_open() -> None:
    stream = BytesIO(write_file([STATEMENT, STATEMENT]))

    assert [statement.number for statement in read_coda(stream)] == [214, 214]
    assert not stream.closed


def _outcome(data: bytes) -> object:
    coda_file = read_coda(data)
    return [
        (s.movements, [m.information for m in s.movements], s.findings, s.unattached_information, s.last_line, s.held)
        for s in coda_file
    ], coda_file.findings


def _assert_both_ways_agree(data: bytes) -> None:
    outcome = _outcome(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "take_whole_movements", lambda *_: None)
        assert _outcome(data) == outcome


@given(st.integers(0, len(RICH) - 1), st.binary(max_size=140), st.integers(0, 300))
@example(0, b"", 0)
def test_the_short_way_gives_what_the_long_way_gives_in_a_damaged_file(
    start: int, insertion: bytes, removed: int
) -> None:
    _assert_both_ways_agree(RICH[:start] + insertion + RICH[start + removed :])


@given(st.lists(st.integers(0, len(RICH.splitlines()) - 1), max_size=30))
def test_the_short_way_gives_what_the_long_way_gives_for_lines_in_any_order(order: list[int]) -> None:
    lines = RICH.splitlines(keepends=True)
    _assert_both_ways_agree(lines[0] + b"".join(lines[index] for index in order))


@given(st.lists(statement_drafts, min_size=1, max_size=2), st.data())
def test_the_short_way_gives_what_the_long_way_gives_for_any_changed_character(
    drafts: list[object], data: st.DataObject
) -> None:
    content = bytearray(write_file(drafts))  # type: ignore[arg-type]
    place = data.draw(st.integers(130, len(content) - 1))
    content[place] = data.draw(st.sampled_from(b"0123456789 X\r\n"))

    _assert_both_ways_agree(bytes(content))


@pytest.mark.parametrize("place", range(128))
def test_a_carriage_return_within_a_movement_ends_its_line_both_ways(place: int) -> None:
    lines = RICH.splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if line.startswith(b"21"))
    lines[at] = lines[at][:place] + b"\r" + lines[at][place + 1 :]

    _assert_both_ways_agree(b"".join(lines))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.cod")), ids=lambda path: path.name)
def test_the_short_way_gives_what_the_long_way_gives_for_a_sample(path: Path) -> None:
    _assert_both_ways_agree(path.read_bytes())
