"""ZIP archives out of parts that know nothing of each other, however far they reach."""

import io
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from apps.delivery.zipping import Entry, pack, write_directory

FOUR_GB = 1 << 32


@given(st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1), st.binary()))
def test_what_was_packed_is_read_back_by_everybody(files: dict[str, bytes]) -> None:
    packed = [pack(path, content) for path, content in files.items()]
    written = b"".join(part for _entry, part in packed) + write_directory([entry for entry, _part in packed])

    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.testzip() is None
        assert {path: archive.read(path) for path in files} == files
    assert [entry.length for entry, _part in packed] == [len(part) for _entry, part in packed]


def test_a_file_behind_four_gigabytes_is_found(tmp_path: Path) -> None:
    entry, part = pack("b.xml", b"<b/>")
    far = Entry("a.bin", 0, FOUR_GB - 1000, FOUR_GB - 1000)
    with (tmp_path / "far.zip").open("wb") as file:
        file.seek(far.length + 1000 - 1000)
        file.write(part)
        file.seek(0, io.SEEK_END)
        beyond = Entry("c.bin", 0, 2000, 2000)
        file.seek(beyond.length, io.SEEK_CUR)
        last, content = pack("d.xml", b"<d/>")
        file.write(content + write_directory([far, entry, beyond, last]))

    with zipfile.ZipFile(tmp_path / "far.zip") as archive:
        assert archive.getinfo("d.xml").header_offset > FOUR_GB
        assert (archive.read("b.xml"), archive.read("d.xml")) == (b"<b/>", b"<d/>")


def test_more_files_than_the_plain_kind_counts() -> None:
    entry, part = pack("a", b"")
    entries = [Entry(f"{number:06d}", entry.crc, entry.packed, entry.size) for number in range(70_000)]
    written = b"".join(pack(each.path, b"")[1] for each in entries[:1]) + bytes(
        sum(each.length for each in entries[1:])
    )

    with zipfile.ZipFile(io.BytesIO(written + write_directory(entries))) as archive:
        assert len(archive.namelist()) == 70_000
        assert archive.read("000000") == b""
    assert len(part) == entry.length
