"""The catalogues' own tool, on folders of its own."""

from pathlib import Path

import pytest

from deploy import translations
from deploy.translations import check, read_sources, read_template, update


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "apps").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "apps" / "a.py").write_text(
        'x = _("One")\ny = pgettext_lazy("state", "open")\nz = _("Of %(name)s")\nn = f("not me")\n'
    )
    (tmp_path / "templates" / "a.html").write_text('{% load i18n %}{% translate "Two" %}')
    return tmp_path


def catalogue(project: Path, language: str = "nl") -> Path:
    return project / "locale" / language / "django.po"


def test_texts_are_found_in_code_and_templates(project: Path) -> None:
    assert read_sources(project) == [("", "Of %(name)s"), ("", "One"), ("state", "open"), ("", "Two")]


def test_every_template_tag_is_read() -> None:
    template = (
        '{% load i18n %}{% translate "A" context "c" %}{% blocktranslate trimmed with x=y %}\n B {{ x }}\n 5%'
        "{% endblocktranslate %}{% blocktranslate count n=m %}{{ n }} mail{% plural %}{{ n }} mails"
        '{% endblocktranslate %}{{ _("D") }}'
    )

    found = set(read_template(template, origin="t"))

    assert found == {("c", "A"), ("", "B %(x)s 5%%"), ("", ("%(n)s mail", "%(n)s mails")), ("", "D")}


def test_an_indented_tag_of_a_plain_text_template_is_read() -> None:
    template = (
        "Hello\n  {% translate 'first' %}{% if x %}\n {% blocktranslate %}second{% endblocktranslate %}{% endif %}"
    )

    assert set(read_template(template, origin="t")) == {("", "first"), ("", "second")}


def test_updating_keeps_what_is_translated_and_drops_what_is_gone(project: Path) -> None:
    po = catalogue(project)
    update(po, "nl", read_sources(project))
    po.write_text(po.read_text().replace('msgid "One"\nmsgstr ""', 'msgid "One"\nmsgstr "Een"'))

    (project / "templates" / "a.html").write_text("nothing")
    update(po, "nl", read_sources(project))
    once = po.read_text()
    update(po, "nl", read_sources(project))

    assert 'msgstr "Een"' in once
    assert "Two" not in once
    assert po.read_text() == once
    assert not [word for word in ("Date", "a.py", "a.html") if word in once]


@pytest.mark.parametrize(
    ("before", "after", "kept", "faults"),
    [
        ('_("One")', 'ngettext("One", "Many", 2)', 'msgstr[0] "Een"', ["nl: missing: 'One'"]),
        ('ngettext("One", "Many", 2)', '_("One")', 'msgstr "Een"', []),
    ],
)
def test_a_text_that_gets_or_loses_a_plural_keeps_what_still_fits(
    project: Path, before: str, after: str, kept: str, faults: list[str]
) -> None:
    po, source = catalogue(project), project / "apps" / "a.py"
    (project / "templates" / "a.html").write_text("nothing")
    source.write_text(f"x = {before}\n")
    update(po, "nl", read_sources(project))
    text = po.read_text().replace('msgstr ""', 'msgstr "Een"').replace('msgstr[0] ""', 'msgstr[0] "Een"')
    po.write_text(text.replace('msgstr "Een"', 'msgstr ""', 1).replace('msgstr[1] ""', 'msgstr[1] "Veel"'))

    source.write_text(f"x = {after}\n")
    assert check(po, "nl", read_sources(project)) == ["nl: missing: 'One'"]
    update(po, "nl", read_sources(project))

    assert kept in po.read_text()
    assert check(po, "nl", read_sources(project)) == faults


def test_what_is_missing_fuzzy_unused_or_broken_is_named(project: Path) -> None:
    po = catalogue(project)
    update(po, "nl", read_sources(project))
    text = po.read_text()
    text = text.replace('msgid "One"\nmsgstr ""', '#, fuzzy\nmsgid "One"\nmsgstr "Een"')
    text = text.replace('msgid "Of %(name)s"\nmsgstr ""', 'msgid "Of %(name)s"\nmsgstr "Van %(naam)s"')
    po.write_text(text + '\nmsgid "Gone"\nmsgstr "Weg"\n')

    faults = check(po, "nl", read_sources(project))

    assert faults == [
        "nl: placeholders differ: 'Of %(name)s'",
        "nl: fuzzy: 'One'",
        "nl: missing: 'open'",
        "nl: missing: 'Two'",
        "nl: unused: 'Gone'",
    ]


def test_english_is_complete_by_itself(project: Path) -> None:
    update(catalogue(project, "en"), "en", read_sources(project))

    assert check(catalogue(project, "en"), "en", read_sources(project)) == []


def test_a_language_without_a_catalogue_misses_everything(project: Path) -> None:
    assert len(check(catalogue(project), "nl", read_sources(project))) == 4


def test_the_projects_own_catalogues_are_complete() -> None:
    wanted = read_sources(translations.ROOT)

    assert [
        fault
        for language in translations.LANGUAGES
        for fault in check(translations.path_of(translations.ROOT, language), language, wanted)
    ] == []
