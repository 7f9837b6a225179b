"""Every page in every state that has a look of its own: what the checks go through, and what is pictured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page

PASSWORD: Final = "een lang geheim"


def fill(**fields: str) -> Callable[[Page], None]:
    """Return what fills in the page's form and sends it."""

    def act(page: Page) -> None:
        for name, text in fields.items():
            page.locator(f"main [name={name}], .hero [name={name}]").first.fill(text)
        send = ":is(main, .hero) form :is(button.btn--primary, button.btn--danger)"
        page.locator(send).first.click()
        page.wait_for_load_state()

    return act


def confirm_it_is_me(page: Page) -> None:
    """Give the password again where the page asks for it."""
    if "reauthenticate" in page.url:
        fill(password=PASSWORD)(page)


def withdraw(page: Page) -> None:
    """Withdraw the request, unless that was done when the page was shown in another language."""
    if page.locator("main form button.btn--danger, main form button.btn--primary").count():
        fill()(page)


def give_access(page: Page) -> None:
    """Make a pair of API credentials; what ends one has a button of its own."""
    page.locator("main [name=name]").fill("Exact Online")
    page.locator("main form:has([name=name]) button.btn--primary").click()
    page.wait_for_load_state()


def replace_secret(page: Page) -> None:
    """Have a new secret made, so that it shows."""
    page.locator("main details:has([value=rotate]) summary").click()
    page.locator("main [value=rotate]").click()
    page.wait_for_load_state()


def choose_two(page: Page) -> None:
    """Choose two rows of a list, so that what can be done with them shows."""
    for box in page.locator("main tbody input[type=checkbox]").all()[:2]:
        box.check()


def choose_stale(page: Page) -> None:
    """Confirm a suggestion of which something else was seen than is loose, so that its refusal shows."""
    button = page.locator("main [data-key-confirm]").first
    button.evaluate("each => { each.value = each.value.replace(/ [0-9.]+ /, ' 1.000 '); }")
    button.click()
    page.wait_for_load_state()


def assign_too_much(page: Page) -> None:
    """Give an invoice more than is open, another what is no amount."""
    fields = page.locator("main li input[type=text]").all()
    fields[0].fill("999999")
    fields[-1].fill("veel")
    page.locator("main button[name=assign]").click()
    page.wait_for_load_state()


def open_menu(page: Page) -> None:
    """Open the place switcher or the menu."""
    page.locator("header details summary").first.click()


@dataclass(frozen=True)
class Shown:
    """A page: its name, whose it is, and what is done on it first. `path` is an address, or a name in the gallery."""

    name: str
    who: str
    path: str
    act: Callable[[Page], None] | None = None
    status: int = 200

    def address(self, paths: Mapping[str, str]) -> str:
        """Return where it is."""
        return self.path if self.path.startswith("/") else paths[self.path]


def _page(who: str, name: str, path: str = "", act: Callable[[Page], None] | None = None, status: int = 200) -> Shown:
    return Shown(name, who, path or name, act, status)


def _visitor() -> list[Shown]:
    account = "/accounts"
    return [
        _page("visitor", "welcome", "/"),
        _page("visitor", "can connect", "/can-connect/"),
        _page("visitor", "can connect wrong", "/can-connect/", fill(number="0123.456.700")),
        _page("visitor", "can connect asked", "/can-connect/asked/"),
        _page("visitor", "office apply", "/offices/apply/"),
        _page("visitor", "office apply wrong", "/offices/apply/", fill(number="1", email="x")),
        _page("visitor", "office applied", "/offices/apply/received/"),
        _page("visitor", "sign in", f"{account}/login/"),
        _page("visitor", "sign in wrong", f"{account}/login/", fill(login="an@example.be", password="verkeerd")),
        _page("visitor", "sign up", f"{account}/signup/"),
        _page("visitor", "password forgotten", f"{account}/password/reset/"),
        _page("visitor", "password mail sent", f"{account}/password/reset/done/"),
        _page("visitor", "password link bad", f"{account}/password/reset/key/1-bad/"),
        _page("visitor", "join"),
        _page("visitor", "join wrong", "join", fill(password="kort", repeated="anders")),
        _page("visitor", "join expired"),
        _page("visitor", "join used"),
        _page("visitor", "join withdrawn"),
        _page("visitor", "confirm address"),
        _page("visitor", "confirm destination"),
        _page("visitor", "withdraw"),
        _page("visitor", "withdrawn", "withdrawn", withdraw),
        _page("visitor", "developers", "/developers/"),
        _page("visitor", "vendor register", "/developers/register/"),
        _page("visitor", "vendor register wrong", "/developers/register/", fill(email="x", website="geen")),
        _page("visitor", "vendor registered", "/developers/register/received/"),
        _page("visitor", "api reference", "/developers/api/"),
        _page("visitor", "api request", "/developers/api/request_access_token/"),
        _page("visitor", "api upload", "/developers/api/upload/"),
        _page("visitor", "api payments", "/developers/api/read_payments/"),
        _page("visitor", "error codes", "/developers/errors/"),
        _page("visitor", "guide", "/developers/guides/send-an-invoice/"),
        _page("visitor", "api webhooks", "/developers/webhooks/"),
        _page("visitor", "guide webhooks", "/developers/guides/webhooks/"),
        _page("visitor", "guide payments", "/developers/guides/read-payments/"),
        _page("visitor", "software list", "/software/"),
        _page("visitor", "software list none", "/software/?q=zzz"),
        _page("visitor", "software", "/software/robaws/"),
        _page("visitor", "software unknown", "/software/facturalia/"),
        _page("visitor", "styleguide", "/styleguide/"),
        _page("visitor", "mailbox", "/mailbox/"),
        _page("visitor", "mail", "/mailbox/", lambda page: page.locator("main td a, main th a").first.click()),
        _page("visitor", "not found", "/nothing/", status=404),
    ]


def _company() -> list[Shown]:
    own = [
        "company", "company invoices", "company payments", "company connections", "company members", "company contact",
        "company accounts", "company account", "company account bare",
        "company request", "end connection", "renew connection", "bank access", "settle invoice", "settled invoice",
        "invoice open", "invoice paid", "invoice refused", "invoice waiting", "invoice rich", "invoice long",
        "invoice payments", "invoice payments part", "invoice payments paid", "invoice why",
        "invoice credited", "credit note payments",
        "invoice foreign", "invoice credit note", "invoice acting", "invoice corrected",
        "statement rich", "statement empty", "statement held", "statement replaced",
        "account export", "account export empty",
        "loose money", "assign money", "assign money paid", "money decisions", "company money", "matching",
    ]  # fmt: skip
    codes = ("no_accounting_office", "office_not_client", "email_unknown", "email_undeliverable", "company_inactive")
    account = "/accounts"
    return [
        _page("owner", "places", "/"),
        *(_page("owner", name) for name in own),
        _page("owner", "company question"),
        _page("owner", "company question wrong", "company question", fill(text=" ")),
        _page("owner", "company answered"),
        _page("owner", "company refusal"),
        _page("owner", "menu", "company", open_menu),
        _page("owner", "loose money refused", "loose money", choose_stale),
        _page("owner", "assign money wrong", "assign money", assign_too_much),
        _page("owner", "company contact wrong", "company contact", fill(address="geen adres")),
        *(_page("owner", f"refused {code}") for code in codes),
        *(_page("owner", f"home refused {code}") for code in ("no_accounting_office", "email_undeliverable")),
        _page("owner", "account", "/account/"),
        _page("owner", "password change", f"{account}/password/change/", confirm_it_is_me),
        _page("owner", "addresses", f"{account}/email/", confirm_it_is_me),
        _page("owner", "second factor", f"{account}/2fa/", confirm_it_is_me),
        _page("owner", "app", f"{account}/2fa/totp/activate/", confirm_it_is_me),
        _page("owner", "passkeys", f"{account}/2fa/webauthn/", confirm_it_is_me),
        _page("owner", "passkey add", f"{account}/2fa/webauthn/add/", confirm_it_is_me),
        _page("owner", "sign out", f"{account}/logout/"),
        _page("owner", "somebody else's", "office", status=404),
        *(
            _page("new owner", f"new company{rest}")
            for rest in (
                "",
                " invoices",
                " payments",
                " loose",
                " decisions",
                " money",
                " matching",
                " connections",
                " members",
            )
        ),
        _page("new owner", "password again", f"{account}/password/change/"),
    ]


def _office() -> list[Shown]:
    own = [
        "office accounts", "office account",
        "office", "clients", "clients none", "inbox", "inbox none", "office invoice", "office members",
        "office invoice payments",
        "office question", "office refusal", "office invoice asked", "office invoice rich", "office invoice corrected",
        "missing addresses", "client contact", "import file", "import columns", "import preview", "import done",
        "import failed", "import busy", "client books", "all books",
        "office statement rich", "office account export",
        "delivery", "delivery preview", "delivery elsewhere", "destination add",
        "destination", "destination failing", "destination unconfirmed", "destination removed", "server add",
        "server", "server unconfirmed", "server change", "office large",
    ]  # fmt: skip
    return [
        *(_page("accountant", name) for name in own),
        _page("accountant", "inbox chosen", "inbox", choose_two),
        _page("accountant", "office access"),
        _page("accountant", "office access given", "office access", give_access),
        _page("accountant", "office refusal wrong", "office refusal", fill(text=" ")),
        _page("accountant", "server add wrong", "server add", fill(host="sftp://x/", port="0", folder="../..")),
        _page("accountant", "destination add wrong", "destination add", fill(address="geen adres", client="?")),
        _page("accountant", "client contact wrong", "client contact", fill(address="geen adres")),
        *(
            _page("new accountant", f"new {name}")
            for name in ("office", "clients", "accounts", "inbox", "members", "delivery", "large")
        ),
    ]


def _maker() -> list[Shown]:
    own = [
        "vendor", "vendor software", "webhooks", "endpoint add", "endpoint", "endpoint stopped", "endpoint off",
        "message failed", "new webhooks", "new software", "vendor self test", "vendor connections", "vendor requests",
        "new requests",
    ]  # fmt: skip
    return [
        *(_page("maker", name) for name in own),
        _page("maker", "endpoint add wrong", "endpoint add", fill(url="geen adres")),
        _page("maker", "vendor self test wrong", "vendor self test", fill(text="geen verslag")),
        _page("maker", "endpoint secret", "endpoint", replace_secret),
    ]


def _staff() -> list[Shown]:
    lists = (
        "companies_company", "tokens_connectionrequest", "tokens_nonactivationcase", "accounting_offices_clientlink",
        "jobs_job", "users_user", "delivery_accounthealth", "tokens_software", "tokens_vendorapplication",
    )  # fmt: skip
    return [
        _page("staff", "admin"),
        *(_page("staff", f"admin {name}") for name in lists),
        *(_page("staff", f"admin {name} one") for name in lists),
        _page("staff", "admin quiet software"),
        _page("staff", "admin banks"),
        _page("staff", "admin decide"),
        _page("staff", "admin decide held"),
        _page("staff", "admin coda file held"),
        _page("staff", "admin upload"),
        _page("staff", "admin uploaded"),
        _page("staff", "admin uploaded busy"),
        _page("staff", "admin delivery_destination one"),
        _page("staff", "admin merge"),
        _page("staff", "admin merge preview"),
        _page("staff", "admin import clients"),
    ]


PAGES: Final = [*_visitor(), *_company(), *_office(), *_maker(), *_staff()]
