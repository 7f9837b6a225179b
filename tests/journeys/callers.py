"""Who calls a running service over HTTP: a software through the API, a person through the pages."""

import base64
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from tests.factories.wire import credit, make_coda
from tests.journeys.instances import Instance


class Wire:
    """A software that calls the API over a real connection."""

    def __init__(self, base: str, key: str) -> None:
        self.base = f"{base}/v2"
        self.headers = {"X-Software-Company": key, "Accept-Language": "en"}
        self.pair: tuple[str, str] | None = None

    def sign_in(self, pair: dict[str, str]) -> None:
        """Use a pair of credentials from now on."""
        self.pair = (pair["username"], pair["password"])
        login = base64.b64encode(f"{pair['username']}:{pair['password']}".encode()).decode()
        self.headers["Authorization"] = f"Basic {login}"

    def speak(self, language: str) -> None:
        """Ask for answers in a language from now on."""
        self.headers["Accept-Language"] = language

    def call(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> tuple[int, Any]:
        """Return the status and the JSON (or bytes) of an answer."""
        headers = self.headers | ({"Content-Type": content_type} if content_type else {})
        request = urllib.request.Request(f"{self.base}/{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, content, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            status, content, kind = error.code, error.read(), error.headers["Content-Type"]
        return status, json.loads(content) if kind == "application/json" else content

    def request_token(self, number: str) -> tuple[int, Any]:
        """Ask for a token."""
        body = json.dumps({"vat": number}).encode()
        return self.call("POST", "request-access-token/invoicing-software/", body, "application/json")

    def upload(self, document: bytes, pdf: bytes | None = None) -> tuple[int, Any]:
        """Upload a document, with a PDF beside it."""
        boundary = "a-boundary-that-no-document-holds"
        parts = [("file", "i.xml", "application/xml", document)]
        if pdf is not None:
            parts.append(("pdf", "i.pdf", "application/pdf", pdf))
        body = b""
        for name, file, content_type, content in parts:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
            body += f"{head}Content-Type: {content_type}\r\n\r\n".encode() + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        return self.call("POST", "sales-invoices/upload/", body, f"multipart/form-data; boundary={boundary}")


def import_payment(instance: Instance, folder: Path, iban: str, amount: str, reference: str, number: int) -> None:
    """Let the bank report one payment in a statement of that number; `folder` is for the file."""
    path = folder / f"bank-{number}.cod"
    path.write_bytes(make_coda(iban, credit(amount, reference), number=number))
    imported = instance.manage("import_coda", str(path))
    assert imported.returncode == 0, imported.stdout + imported.stderr


def software(instance: Instance, world: dict[str, Any], slug: str) -> Wire:
    """Return one of the demo's packages as a caller."""
    return Wire(instance.base, next(s["key"] for s in world["software"] if s["slug"] == slug))


@dataclass(frozen=True)
class Page:
    """A page that a person sees."""

    address: str
    text: str

    def rows(self) -> list[dict[str, str]]:
        """Return the rows of a list in the back-office: each column's text, and `id`."""
        found = []
        for row in re.findall(r"<tr>(?:(?!</tr>).)*?name=\"_selected_action\".*?</tr>", self.text, re.DOTALL):
            cells = re.findall(r'class="field-(\w+)[^"]*">(.*?)</t[dh]>', row, re.DOTALL)
            values = {name: unescape(re.sub(r"<[^>]+>", "", cell)).strip() for name, cell in cells}
            box = re.search(
                r'name="_selected_action"[^>]*?value="(\d+)"|value="(\d+)"[^>]*?name="_selected_action"', row
            )
            assert box
            found.append(values | {"id": box[1] or box[2]})
        return found


class Browser:
    """A person with a browser: cookies, forms, the token that each form carries."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def see(self, path: str) -> Page:
        """Return a page."""
        with self.opener.open(f"{self.base}{path}", timeout=30) as answer:
            return Page(answer.url, answer.read().decode())

    def send(self, path: str, **fields: str) -> Page:
        """Fill in the form of a page, send it, and return where that leads."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.see(path).text)
        assert found
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": found[1], **fields}).encode()
        with self.opener.open(f"{self.base}{path}", form, timeout=30) as answer:
            return Page(answer.url, answer.read().decode())

    def sign_in(self, login: dict[str, str]) -> Page:
        """Sign in, and return the first page."""
        return self.send("/accounts/login/", login=login["email"], password=login["password"])


class Staff(Browser):
    """A member of staff in the back-office."""

    def rows(self, table: str, sought: str = "", **filters: str) -> list[dict[str, str]]:
        """Return the rows of a table (`tokens/nonactivationcase`) that a search and filters find."""
        return self.see(f"/admin/{table}/?{urllib.parse.urlencode({'q': sought, **filters})}").rows()

    def act(self, table: str, sought: str, action: str) -> None:
        """Run an action on the one row that a search finds."""
        (row,) = self.rows(table, sought)
        query = urllib.parse.urlencode({"q": sought})
        answer = self.send(
            f"/admin/{table}/?{query}", action=action, select_across="0", index="0", _selected_action=row["id"]
        )
        assert 'class="success"' in answer.text


def staff_of(instance: Instance, world: dict[str, Any]) -> Staff:
    """Return the demo's member of staff, signed in."""
    staff = Staff(instance.base)
    staff.sign_in(next(login for login in world["logins"] if login["role"] == "staff"))
    return staff
