"""The documentation of the wire API on pages: complete, in any frame's language, and without anything from outside."""

import re

import pytest
from django.test import Client

from apps.demo.world import COMPANIES, UNKNOWN_NUMBERS
from apps.portal import api_reader
from apps.portal.guides import GUIDES, Guide
from apps.portal.markdown import render_markdown
from tests.portal.world import LANGUAGES

pytestmark = pytest.mark.django_db
OPERATIONS = [operation for group in api_reader.list_groups() for operation in group.operations]


def read(path: str, language: str = "en") -> str:
    answer = Client().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_reference_leads_to_every_route() -> None:
    page = read("/developers/api/")

    linked = set(re.findall(r'href="/developers/api/(\w+)/"', page))
    assert linked == {operation.name for operation in OPERATIONS}
    assert len(linked) >= 21


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_route_tells_its_answers_errors_shapes_and_examples(operation: api_reader.Operation) -> None:
    page = read(f"/developers/api/{operation.name}/")

    assert operation.errors
    assert all(f'id="{error.code}"' in page for error in operation.errors)
    targets, found = set(re.findall(r'href="#([\w-]+)"', page)), set(re.findall(r' id="([\w-]+)"', page))
    assert targets <= found
    assert page.count('class="panel example"') == len(operation.examples)
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frame_is_in_the_readers_language_and_the_reference_says_that_it_is_english(language: str) -> None:
    for path in ("/developers/", "/developers/api/", "/developers/api/upload/", "/developers/errors/"):
        page = read(path, language)

        assert f'<html lang="{language}">' in page
        assert path == "/developers/" or ' lang="en"' in page
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page), "nothing comes from another host"


def test_every_error_code_has_a_row() -> None:
    page = read("/developers/errors/")

    assert all(f'<tr role="row" id="{error.code}">' in page for error in api_reader.list_errors())


@pytest.mark.parametrize(
    "path", ["api/nothing/", "guides/nothing/", "samples/payment.cod/", "samples/..%2Finvoice.xml/"]
)
def test_what_does_not_exist_is_not_found(path: str) -> None:
    assert Client().get(f"/developers/{path}").status_code == 404


@pytest.mark.parametrize("guide", [each for each in GUIDES if not each.file], ids=lambda guide: guide.slug)
def test_a_guide_shows_its_steps_in_each_language_and_its_links_lead_somewhere(guide: Guide) -> None:
    page = read(f"/developers/guides/{guide.slug}/")

    assert read("/developers/").count(f'href="/developers/guides/{guide.slug}/"') == 1
    assert all(f"<summary><b>{name}</b></summary>" in page for name in ("curl", "Python", "PHP", "C#"))
    assert page.count('<details class="panel example" name="step-1" open>') == 1
    assert "&lt;!--" not in page
    main = page.partition("<main")[2].partition("</main>")[0]
    for target in re.findall(r'href="(/[^"]+)"', main):
        assert Client().get(target).status_code == 200, target


def test_the_guide_to_the_sandbox_lists_its_companies_and_leads_to_the_others() -> None:
    page = read("/developers/guides/sandbox/")

    rows = re.findall(r"<tr[^>]*>.*?<code>(\d{10})</code>.*?</tr>", page, re.DOTALL)
    assert rows == [*(company.enterprise_number for company in COMPANIES), *UNKNOWN_NUMBERS]
    assert all(f"<code>{each.scenario}</code>" in page for each in COMPANIES if "_" in each.scenario)
    assert 'href="/developers/guides/connect/"' in page
    assert 'href="/developers/guides/sandbox/"' in read("/developers/guides/connect/")


def test_messages_are_listed_with_their_shapes_and_examples() -> None:
    page = read("/developers/webhooks/")

    messages = api_reader.list_messages()
    assert all(f'id="{message.topic}"' in page and f'id="shape-{message.shape}"' in page for message in messages)
    assert page.count('<pre class="code">') == len([message for message in messages if message.example]) > 8
    assert 'class="banner ' not in page, "Django's own messages have that name too"
    assert 'id="checking-the-signature"' in read("/developers/guides/webhooks/")


def test_the_documents_of_the_guides_are_handed_out() -> None:
    answer = Client().get("/developers/samples/invoice.xml/")

    assert (answer.headers["Content-Type"], answer.content[:5]) == ("application/xml", b"<?xml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invoice.xml"'


def test_markdown_writes_no_html_of_its_text() -> None:
    written = render_markdown("# A <b>\n\n<script>alert(1)</script>\n\n```\n<i>\n```\n\n[x](javascript:alert(1))")

    assert "<script" not in written
    assert "<b>" not in written
    assert "<i>" not in written
    assert "&lt;i&gt;" in written
    assert 'href="javascript' not in written
