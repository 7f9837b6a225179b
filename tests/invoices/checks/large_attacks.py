"""`python -m tests.invoices.checks.large_attacks`: make the attacks that are too large to keep, judge them, report."""

import base64
import gzip
import io
import json
import resource
import sys
import zipfile
import zlib

from tests.invoices.checks.judging import PLAIN, attack_pdf, judged

LINE = PLAIN[PLAIN.index("<cac:InvoiceLine>") : PLAIN.rindex("</cac:InvoiceLine>") + len("</cac:InvoiceLine>")]
SUBTOTAL = PLAIN[PLAIN.index("<cac:TaxSubtotal>") : PLAIN.index("</cac:TaxSubtotal>") + len("</cac:TaxSubtotal>")]
ALLOWANCE = (
    "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
    '<cbc:Amount currencyID="EUR">1</cbc:Amount></cac:AllowanceCharge>'
)

# The verdict, and the one code that must be there.
VERDICTS = {
    "deep_nesting_100k": ("rejected", "xml_malformed"),
    "huge_attribute_11MB": ("rejected", "xml_malformed"),
    "many_attributes_100k": ("rejected", "xml_malformed"),
    "many_namespaces_20k": ("rejected", "xml_malformed"),
    "long_text_11MB": ("rejected", "xml_malformed"),
    "quadratic_blowup": ("rejected", "xml_doctype"),
    "zip_bomb": ("rejected", "xml_malformed"),
    "gzip_bomb": ("rejected", "xml_malformed"),
    "50k_lines": ("rejected", "file_too_large"),
    "10k_lines": ("rejected", "too_many_lines"),
    "2k_subtotals": ("rejected", "too_many_vat_subtotals"),
    "5k_allowances": ("rejected", "too_many_allowances"),
    "11k_allowances_in_lines": ("rejected", "too_many_allowances"),
    "250k_notes": ("rejected", "too_many_elements"),
    "at_the_bounds_and_all_wrong": ("rejected", "BR-27"),
    "embedded_pdf_12MB": ("accepted", ""),
    "pages_2000": ("accepted", "pdf_many_pages"),
    "flate_bomb": ("accepted", ""),
    "object_stream_bomb": ("accepted", ""),
    "one_page_a_million_times": ("accepted", "pdf_many_pages"),
    "files_200k": ("accepted", "pdf_contains_files"),
}


def inside(start: str) -> bytes:
    return PLAIN.replace("<cbc:ID>", start, 1).encode()


def with_lines(count: int) -> str:
    return PLAIN.replace(LINE, LINE * (count // LINE.count("<cac:InvoiceLine>")))


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("invoice.xml", b"0" * 200_000_000)
    return buffer.getvalue()


def all_wrong() -> bytes:
    """Five thousand lines and a hundred VAT subtotals, with a negative price and an unknown VAT category each."""
    many = with_lines(5_000).replace(SUBTOTAL, SUBTOTAL * 100)
    wrong = many.replace('<cbc:PriceAmount currencyID="EUR">', '<cbc:PriceAmount currencyID="EUR">-')
    return wrong.replace(">S</cbc:ID>", ">Q</cbc:ID>").encode()


def embedded(size: int) -> bytes:
    start = PLAIN.index(">", PLAIN.index("<cbc:EmbeddedDocumentBinaryObject")) + 1
    content = attack_pdf("good.pdf")
    padded = content + b"%" + b"x" * (size - len(content))
    return (PLAIN[:start] + base64.b64encode(padded).decode() + PLAIN[PLAIN.index("</", start) :]).encode()


def written(objects: list[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out) + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, count + 3))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    tree = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count)
    return written([b"<< /Type /Catalog /Pages 2 0 R >>", tree, *[page] * count])


def one_page(times: int) -> bytes:
    tree = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * times, times)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    return written([b"<< /Type /Catalog /Pages 2 0 R >>", tree, page])


def many_files(count: int) -> bytes:
    """Half of them are named as invoices, so that the two kinds would be compared with each other."""
    names = b"".join(b"(%06d.%s) << /Type /Filespec /F (a) >> " % (n, (b"xml", b"bin")[n % 2]) for n in range(count))
    catalog = b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [%s] >> >> >>" % names
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return written([catalog, tree, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"])


def zeros_behind(start: bytes, megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    blocks = [packer.compress(start), *(packer.compress(b" " * 1_000_000) for _ in range(megabytes)), packer.flush()]
    return b"".join(blocks)


def flate_bomb() -> bytes:
    packed = zeros_behind(b"", 300)
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
        ]
    )


def object_stream_bomb() -> bytes:
    """A file whose name tree lies packed in a stream of 1.5 GB: reading the file at all unpacks it."""
    packed = zeros_behind(b"10 0 << /A 1 >>", 1_500)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Names 10 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        b"<< /Type /ObjStm /N 1 /First 5 /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
        % (len(packed), packed),
    ]
    out, offsets = bytearray(b"%PDF-1.5\n"), []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    entries = [(0, 0), *((1, offset) for offset in offsets), *[(0, 0)] * 5, (2, 4), (1, start)]
    table = b"".join(bytes([kind]) + at.to_bytes(4, "big") + b"\0" for kind, at in entries)
    cross = b"<< /Type /XRef /Size 12 /W [1 4 1] /Root 1 0 R /Length %d >>" % len(table)
    return bytes(out) + b"11 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (cross, table, start)


def attacks() -> dict[str, tuple[bytes, bytes | None]]:
    """Return each document, and the PDF beside it."""
    entity = f'<!DOCTYPE Invoice [<!ENTITY a "{"x" * 50_000}">]>'
    plain = PLAIN.encode()
    documents = {
        "deep_nesting_100k": inside("<cac:X>" * 100_000 + "</cac:X>" * 100_000 + "<cbc:ID>"),
        "huge_attribute_11MB": inside('<cbc:ID schemeID="' + "x" * 11_000_000 + '">'),
        "many_attributes_100k": inside("<cbc:ID " + " ".join(f'a{n}=""' for n in range(100_000)) + ">"),
        "many_namespaces_20k": inside("<cbc:ID " + " ".join(f'xmlns:a{n}="u"' for n in range(20_000)) + ">"),
        "long_text_11MB": inside("<cbc:Note>" + "x" * 11_000_000 + "</cbc:Note><cbc:ID>"),
        "quadratic_blowup": f"{entity}<Invoice>{'&a;' * 10_000}</Invoice>".encode(),
        "zip_bomb": archive(),
        "gzip_bomb": gzip.compress(bytes(200_000_000)),
        "50k_lines": with_lines(50_000).encode(),
        "10k_lines": with_lines(10_000).encode(),
        "2k_subtotals": with_lines(2_000).replace(SUBTOTAL, SUBTOTAL * 2_000).encode(),
        "5k_allowances": PLAIN.replace("<cac:TaxTotal>", ALLOWANCE * 5_000 + "<cac:TaxTotal>", 1).encode(),
        "11k_allowances_in_lines": with_lines(1_000).replace("<cac:Item>", ALLOWANCE * 11 + "<cac:Item>").encode(),
        "250k_notes": inside("<cbc:Note>a</cbc:Note>" * 250_000 + "<cbc:ID>"),
        "at_the_bounds_and_all_wrong": all_wrong(),
        "embedded_pdf_12MB": embedded(9_000_000),
    }
    papers = {
        "pages_2000": pages(2_000),
        "flate_bomb": flate_bomb(),
        "object_stream_bomb": object_stream_bomb(),
        "one_page_a_million_times": one_page(1_000_000),
        "files_200k": many_files(200_000),
    }
    return {name: (data, None) for name, data in documents.items()} | {n: (plain, pdf) for n, pdf in papers.items()}


def main() -> int:
    verdicts = {}
    for name, (document, pdf) in attacks().items():
        judgement = judged(document, pdf=pdf)
        wanted = VERDICTS[name][1]
        found = {each.code for each in judgement.findings}
        told = wanted if wanted in found else ", ".join(sorted(found))
        verdicts[name] = ("rejected" if judgement.is_rejected else "accepted", told)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps({"verdicts": verdicts, "megabytes": megabytes}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
