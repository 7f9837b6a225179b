"""Archives: what they hold, and every way in which one is not to be trusted."""

import gzip
import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.statements import archives
from apps.statements.archives import Archive, ArchiveRefused, Kind, recognise

CODA = b"0000018011900005 ".ljust(128) + b"\r\n"


def pack(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return held.getvalue()


def unpack_all(content: bytes, name: str = "a.zip") -> dict[str, bytes | str]:
    """Return each member's bytes, or the code that refuses it; under an empty name what refuses the archive."""
    try:
        archive = Archive(io.BytesIO(content), name=name)
    except ArchiveRefused as refused:
        return {"": refused.code}
    found: dict[str, bytes | str] = {}
    for member in archive.members:
        into = io.BytesIO()
        try:
            archive.unpack(member, into)
        except ArchiveRefused as refused:
            found[member.name] = refused.code
        else:
            found[member.name] = into.getvalue()
    return found


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (CODA, Kind.PLAIN),
        (b"", Kind.PLAIN),
        (pack(("a", b"")), Kind.ZIP),
        (gzip.compress(CODA), Kind.GZIP),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", Kind.UNSUPPORTED),
        (b"a.cod".ljust(257, b"\0") + b"ustar\x0000", Kind.UNSUPPORTED),
    ],
    ids=["coda", "nothing", "zip", "gzip", "7-zip", "tar"],
)
def test_what_a_file_is_stands_in_its_first_bytes(content: bytes, kind: Kind) -> None:
    assert recognise(io.BytesIO(content)) is kind


def test_files_in_folders_of_a_zip_are_unpacked_and_what_systems_leave_behind_is_named() -> None:
    content = pack(
        ("week/", b""),
        ("week/a.cod", CODA),
        ("b.cod", CODA * 2),
        ("__MACOSX/week/._a.cod", b"x"),
        ("week/.DS_Store", b"x"),
        ("Thumbs.db", b"x"),
    )

    assert unpack_all(content) == {"week/a.cod": CODA, "b.cod": CODA * 2}
    ignored = Archive(io.BytesIO(content), name="a.zip").ignored
    assert ignored == ("__MACOSX/week/._a.cod", "week/.DS_Store", "Thumbs.db")


@pytest.mark.parametrize(("name", "inside"), [("week.cod.gz", "week.cod"), ("week", "week")])
def test_a_gzip_holds_one_file_of_as_many_parts_as_it_has(name: str, inside: str) -> None:
    assert unpack_all(gzip.compress(CODA) + gzip.compress(CODA), name) == {inside: CODA * 2}


@pytest.mark.parametrize(
    "name", ["../evil.cod", "/etc/evil.cod", "C:/evil.cod", "a\\..\\..\\evil.cod", "a\u202ecod.exe", "a\ncod"]
)
def test_a_name_that_leads_elsewhere_or_hides_something_is_refused_and_the_others_are_unpacked(name: str) -> None:
    assert list(unpack_all(pack((name, CODA), ("good.cod", CODA))).values()) == ["archive_unsafe_member", CODA]


def test_a_link_is_not_followed() -> None:
    link = zipfile.ZipInfo("link.cod")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert unpack_all(pack((link, b"/etc/passwd"))) == {"link.cod": "archive_unsafe_member"}


def test_an_encrypted_file_is_refused() -> None:
    content = bytearray(pack(("a.cod", CODA), method=zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1

    assert unpack_all(bytes(content)) == {"a.cod": "archive_encrypted"}


def test_an_archive_in_an_archive_is_refused() -> None:
    inner = {"in.zip": pack(("a.cod", CODA)), "in.cod": gzip.compress(CODA), "in.7z": b"7z\xbc\xaf\x27\x1c\x00"}

    assert set(unpack_all(pack(*inner.items())).values()) == {"archive_nested"}
    assert unpack_all(gzip.compress(inner["in.zip"])) == {"a.zip": "archive_nested"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_rare_way_of_packing_is_refused(method: int) -> None:
    assert unpack_all(pack(("a.cod", CODA), method=method)) == {"a.cod": "archive_unsupported"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pack(), "archive_empty"),
        (pack(("folder/", b""), (".DS_Store", b"x")), "archive_empty"),
        (pack(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")), "archive_unsupported"),
        (b"Rar!\x1a\x07\x01\x00", "archive_unsupported"),
        (b"PK\x03\x04 this is no zip", "archive_damaged"),
        (pack(("a.cod", CODA))[:-30], "archive_damaged"),
    ],
    ids=["nothing", "rubbish", "workbook", "rar", "no zip", "cut"],
)
def test_an_archive_that_cannot_be_opened_says_why(content: bytes, code: str) -> None:
    assert unpack_all(content) == {"": code}


@pytest.mark.parametrize("cut", [3, 12, 30])
def test_a_gzip_that_stops_early_is_damaged(cut: int) -> None:
    assert unpack_all(gzip.compress(CODA)[:cut]) == {"a.zip": "archive_damaged"}


def test_bytes_that_do_not_match_their_check_sum_are_damaged() -> None:
    content = bytearray(pack(("a.cod", CODA), ("b.cod", CODA), method=zipfile.ZIP_STORED))
    content[content.index(CODA) + 5] ^= 1

    assert unpack_all(bytes(content)) == {"a.cod": "archive_damaged", "b.cod": CODA}


def test_a_bomb_is_refused_where_its_limit_is(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b"0" * 11_000_000
    assert unpack_all(pack(("a.cod", bomb))) == {"a.cod": "archive_ratio"}
    assert unpack_all(gzip.compress(bomb)) == {"a.zip": "archive_ratio"}

    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 1000)
    assert unpack_all(pack(("a.cod", CODA), ("b.cod", b"1" * 1001))) == {"a.cod": CODA, "b.cod": "archive_too_large"}
    assert unpack_all(gzip.compress(b"1" * 1001)) == {"a.zip": "archive_too_large"}
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 1500)
    assert unpack_all(pack(("a", b"1" * 800), ("b", b"1" * 800))) == {"": "archive_too_large"}
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    assert unpack_all(pack(("a", b"1"), ("b", b"1"), ("c", b"1"))) == {"": "archive_too_many_members"}


def test_a_list_of_members_that_fills_the_memory_is_not_read() -> None:
    """The end of the archive announces a list of 5 MB."""
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, 5_000_000, 4, 0)

    assert unpack_all(b"PK\x03\x04" + bytes(5_000_000) + end) == {"": "archive_too_many_members"}


@given(st.data())
def test_no_bytes_make_it_crash(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([pack(("a.cod", CODA), ("b/c.cod", CODA)), gzip.compress(CODA)])))
    for _change in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    unpack_all(bytes(content[: data.draw(st.integers(0, len(content)))]))
