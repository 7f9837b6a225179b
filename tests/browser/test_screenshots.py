"""What is pictured: every kind of mail there is, every page in a folder of its own."""

from pathlib import Path

from django.conf import settings

from tests.browser.mails import KINDS
from tests.browser.pages import PAGES
from tests.browser.screenshots import folder_name, wanted

SUBJECT = "-subject.txt"


def test_every_kind_of_mail_is_pictured() -> None:
    templates = Path(settings.BASE_DIR) / "templates" / "emails"

    assert sorted(KINDS) == sorted(path.name.removesuffix(SUBJECT) for path in templates.glob(f"*{SUBJECT}"))


def test_every_page_and_mail_has_a_folder_of_its_own() -> None:
    names = [page.name for page in PAGES] + [f"mail {kind}" for kind in KINDS]

    folders = {folder_name(name) for name in names}

    assert len(folders) == len(names)
    assert folder_name("somebody else's") == "somebody-else-s"


def test_words_choose_names() -> None:
    names = ["welcome", "inbox", "inbox none", "home refused email_unknown"]

    assert wanted(names, ["inbox", "Welcome"]) == ["welcome", "inbox", "inbox none"]
    assert wanted(names, []) == names
    assert wanted(names, ["mail"]) == []
    assert wanted(names, ["email", "mail"]) == ["home refused email_unknown"]
    assert wanted(names, ["nothing"]) == []
