"""Routes of the portal."""

from django.urls import URLPattern, path

from apps.portal import (
    account,
    account_export,
    assets,
    assigning,
    backfill_pages,
    bank_access,
    bank_accounts,
    books,
    clients,
    company_invoices,
    company_movements,
    connections,
    contacts,
    destinations,
    developers,
    imports,
    inbox,
    invoice_files,
    invoice_page,
    invoice_why,
    joining,
    large,
    loose_money,
    mailbox,
    matching_settings,
    members,
    money_decisions,
    money_overview,
    office,
    office_access,
    overview,
    public,
    remarks,
    requests,
    returned,
    schemas,
    self_test_pages,
    server_pages,
    set_offs,
    settlements,
    software_pages,
    statement_files,
    statement_page,
    styleguide,
    vendor_lists,
    vendor_pages,
    vendor_registration,
    views,
    webhook_pages,
)


def _papers(kind: str) -> list[URLPattern]:
    """Return the routes of an invoice's files, below its page of a company or an office."""
    page = {"company": "companies/<uuid:company_uuid>/invoices/", "office": "offices/<uuid:office_uuid>/invoices/"}
    below = f"{page[kind]}<uuid:invoice_uuid>"
    formats = ("pdf", "xml")
    return [
        *(
            path(f"{below}/{each}/", invoice_files.paper, {"file_format": each}, name=f"{kind}-invoice-{each}")
            for each in formats
        ),
        *(
            path(
                f"{below}/versions/<int:version>/{each}/",
                invoice_files.paper,
                {"file_format": each},
                name=f"{kind}-invoice-version-{each}",
            )
            for each in formats
        ),
        path(f"{below}/files/<int:number>/", invoice_files.attachment, name=f"{kind}-invoice-file"),
    ]


def _large(side: str, plural: str) -> list[URLPattern]:
    """Return the pages of an office's or a company's large selections."""
    below = f"{plural}/<uuid:{side}_uuid>/large-selections/"
    return [
        path(below, large.large, name=f"{side}-large"),
        path(f"{below}progress/", large.large_progress, name=f"{side}-large-progress"),
        path(f"{below}<uuid:job_uuid>/archive.zip", large.archive, name=f"{side}-archive"),
    ]


def _statements(kind: str, prefix: str, name: str) -> list[URLPattern]:
    """Return the routes of a statement and its files, and of a period, for a company or an office."""
    below = f"{prefix}<uuid:{kind}_uuid>/statements/<uuid:statement_uuid>/"
    return [
        path(below, statement_page.statement_page, name=name),
        path(
            f"{prefix}<uuid:{kind}_uuid>/accounts/<uuid:account_uuid>/export/",
            account_export.account_export,
            name="account-export" if kind == "company" else "office-account-export",
        ),
        *(
            path(f"{below}{each}/", statement_files.statement_file, {"file_format": each}, name=f"{name}-{each}")
            for each in statement_page.FILES
        ),
    ]


app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("account/", account.account, name="account"),
    path("script/<str:version>.js", assets.serve_script, name="script"),
    path("companies/<uuid:company_uuid>/", overview.company, name="company"),
    path("companies/<uuid:company_uuid>/invoices/", company_invoices.company_invoices, name="company-invoices"),
    path(
        "companies/<uuid:company_uuid>/invoices/<uuid:invoice_uuid>/",
        invoice_page.company_invoice,
        name="company-invoice",
    ),
    *_papers("company"),
    *_large("company", "companies"),
    *_large("office", "offices"),
    path("companies/<uuid:company_uuid>/payments/", company_movements.company_movements, name="company-movements"),
    path("companies/<uuid:company_uuid>/money/", money_overview.overview, name="company-money"),
    path("companies/<uuid:company_uuid>/money/loose/", loose_money.loose_money, name="loose-money"),
    path("companies/<uuid:company_uuid>/money/loose/<uuid:movement_uuid>/", assigning.assign, name="assign-money"),
    path("companies/<uuid:company_uuid>/money/decisions/", money_decisions.decisions, name="money-decisions"),
    path("companies/<uuid:company_uuid>/money/decisions/undo/", money_decisions.undo, name="undo-money"),
    path("companies/<uuid:company_uuid>/matching/", matching_settings.matching, name="matching"),
    *_statements("company", "companies/", "statement"),
    *_statements("office", "offices/", "office-statement"),
    path("companies/<uuid:company_uuid>/accounts/", bank_accounts.company_accounts, name="company-accounts"),
    path(
        "companies/<uuid:company_uuid>/accounts/<uuid:account_uuid>/",
        bank_accounts.company_account,
        name="company-account",
    ),
    path("offices/<uuid:office_uuid>/accounts/", bank_accounts.office_accounts, name="office-accounts"),
    path(
        "offices/<uuid:office_uuid>/accounts/<uuid:account_uuid>/", bank_accounts.office_account, name="office-account"
    ),
    path("companies/<uuid:company_uuid>/connections/", overview.company_connections, name="company-connections"),
    path(
        "companies/<uuid:company_uuid>/requests/<uuid:request_uuid>/",
        overview.company_request,
        name="company-request",
    ),
    path("companies/<uuid:company_uuid>/members/", members.members_of_company, name="company-members"),
    path("offices/<uuid:office_uuid>/members/", members.members_of_office, name="office-members"),
    path(
        "companies/<uuid:company_uuid>/connections/<uuid:connection_uuid>/bank/",
        bank_access.bank_access,
        name="bank-access",
    ),
    path(
        "companies/<uuid:company_uuid>/connections/<uuid:connection_uuid>/<str:step>/",
        connections.change_connection,
        name="change-connection",
    ),
    path("offices/<uuid:office_uuid>/", office.office, name="office"),
    path("offices/<uuid:office_uuid>/clients/import/", imports.choose_file, name="import-clients"),
    path("offices/<uuid:office_uuid>/clients/import/template/", imports.template, name="import-template"),
    path("offices/<uuid:office_uuid>/clients/import/<uuid:job_uuid>/", imports.client_import, name="client-import"),
    path(
        "offices/<uuid:office_uuid>/clients/import/<uuid:job_uuid>/columns/",
        imports.choose_columns,
        name="import-columns",
    ),
    path(
        "offices/<uuid:office_uuid>/clients/import/<uuid:job_uuid>/progress/",
        imports.progress,
        name="import-progress",
    ),
    path(
        "offices/<uuid:office_uuid>/clients/import/<uuid:job_uuid>/problems/",
        imports.problems,
        name="import-problems",
    ),
    path(
        "offices/<uuid:office_uuid>/clients/import/<uuid:job_uuid>/for-real/",
        imports.do_for_real,
        name="import-for-real",
    ),
    path("offices/<uuid:office_uuid>/clients/import/<uuid:job_uuid>/cancel/", imports.cancel, name="import-cancel"),
    path("offices/<uuid:office_uuid>/api-access/", office_access.office_access, name="office-access"),
    path("offices/<uuid:office_uuid>/inbox/", inbox.inbox, name="inbox"),
    path(
        "offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/",
        views.office_invoice,
        name="office-invoice",
    ),
    *_papers("office"),
    path(
        "companies/<uuid:company_uuid>/invoices/<uuid:invoice_uuid>/payments/",
        invoice_why.company_payments,
        name="company-invoice-payments",
    ),
    path(
        "offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/payments/",
        invoice_why.office_payments,
        name="office-invoice-payments",
    ),
    path("offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/booked/", remarks.book, name="office-book"),
    path(
        "offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/question/",
        remarks.say_to_company,
        {"kind": "question"},
        name="office-question",
    ),
    path(
        "offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/refusal/",
        remarks.say_to_company,
        {"kind": "refusal"},
        name="office-refusal",
    ),
    path("offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/again/", remarks.office_again, name="office-again"),
    path(
        "companies/<uuid:company_uuid>/invoices/<uuid:invoice_uuid>/again/",
        remarks.company_again,
        name="company-again",
    ),
    path(
        "companies/<uuid:company_uuid>/invoices/<uuid:invoice_uuid>/accountant/",
        remarks.answer_office,
        name="company-remarks",
    ),
    path("companies/<uuid:company_uuid>/contact/", contacts.company_contact, name="company-contact"),
    path("companies/<uuid:company_uuid>/requests/<uuid:request_uuid>/send-code/", requests.send_code, name="send-code"),
    path(
        "companies/<uuid:company_uuid>/requests/<uuid:request_uuid>/withdraw/",
        requests.withdraw_request,
        name="withdraw-request",
    ),
    path("offices/<uuid:office_uuid>/delivery/", destinations.delivery, name="delivery"),
    path("offices/<uuid:office_uuid>/delivery/add/", destinations.add_destination, name="add-destination"),
    path(
        "offices/<uuid:office_uuid>/delivery/<uuid:destination_uuid>/periods/",
        backfill_pages.backfills_of,
        name="backfills",
    ),
    path("offices/<uuid:office_uuid>/delivery/add-server/", server_pages.add_server, name="add-server"),
    path(
        "offices/<uuid:office_uuid>/delivery/<uuid:destination_uuid>/server/",
        server_pages.change_server,
        name="change-server",
    ),
    path(
        "offices/<uuid:office_uuid>/delivery/<uuid:destination_uuid>/",
        destinations.destination,
        name="destination",
    ),
    path("confirm-destination/<str:signed>/", destinations.confirm_destination, name="confirm-destination"),
    path("offices/<uuid:office_uuid>/clients/", clients.clients, name="clients"),
    path("offices/<uuid:office_uuid>/claims/<uuid:link_uuid>/<str:step>/", clients.answer_claim, name="answer-claim"),
    path("offices/<uuid:office_uuid>/missing-addresses/", contacts.missing_addresses, name="missing-addresses"),
    path(
        "offices/<uuid:office_uuid>/clients/<uuid:company_uuid>/contact/",
        contacts.client_contact,
        name="client-contact",
    ),
    path(
        "companies/<uuid:company_uuid>/invoices/<uuid:invoice_uuid>/settle/", settlements.settle, name="settle-invoice"
    ),
    path(
        "companies/<uuid:company_uuid>/invoices/<uuid:invoice_uuid>/set-off/<uuid:note_uuid>/",
        set_offs.set_off,
        name="set-off-note",
    ),
    path(
        "companies/<uuid:company_uuid>/invoices/<uuid:invoice_uuid>/returned/<uuid:movement_uuid>/",
        returned.returned,
        name="confirm-return",
    ),
    path("offices/<uuid:office_uuid>/books/", books.all_books, name="all-books"),
    path("offices/<uuid:office_uuid>/clients/<uuid:company_uuid>/books/", books.client_books, name="client-books"),
    path("vendors/<uuid:vendor_uuid>/", vendor_pages.vendor, name="vendor"),
    path(
        "vendors/<uuid:vendor_uuid>/software/<uuid:software_uuid>/",
        vendor_pages.vendor_software,
        name="vendor-software",
    ),
    path(
        "vendors/<uuid:vendor_uuid>/software/<uuid:software_uuid>/connections/",
        vendor_lists.vendor_connections,
        name="vendor-connections",
    ),
    path(
        "vendors/<uuid:vendor_uuid>/software/<uuid:software_uuid>/requests/",
        vendor_lists.vendor_requests,
        name="vendor-requests",
    ),
    path(
        "vendors/<uuid:vendor_uuid>/software/<uuid:software_uuid>/self-test/",
        self_test_pages.self_test,
        name="self-test",
    ),
    path(
        "vendors/<uuid:vendor_uuid>/software/<uuid:software_uuid>/self-test/<uuid:report_uuid>/report.json",
        self_test_pages.self_test_report,
        name="self-test-report",
    ),
    path("vendors/<uuid:vendor_uuid>/members/", members.members_of_vendor, name="vendor-members"),
    path("vendors/<uuid:vendor_uuid>/webhooks/", webhook_pages.webhooks, name="webhooks"),
    path("vendors/<uuid:vendor_uuid>/webhooks/add/", webhook_pages.add_endpoint, name="add-endpoint"),
    path("vendors/<uuid:vendor_uuid>/webhooks/<uuid:endpoint_uuid>/", webhook_pages.endpoint, name="endpoint"),
    path(
        "vendors/<uuid:vendor_uuid>/webhooks/<uuid:endpoint_uuid>/change/",
        webhook_pages.change_endpoint,
        name="change-endpoint",
    ),
    path(
        "vendors/<uuid:vendor_uuid>/webhooks/<uuid:endpoint_uuid>/messages/<uuid:message_uuid>/",
        webhook_pages.message,
        name="webhook-message",
    ),
    path("can-connect/", public.can_connect, name="can-connect"),
    path("can-connect/asked/", public.can_connect_asked, name="can-connect-asked"),
    path("offices/apply/", public.apply_as_office, name="office-apply"),
    path("offices/apply/received/", public.office_applied, name="office-applied"),
    path("confirm-address/<str:signed>/", public.confirm_address, name="confirm-address"),
    path("requests/<str:signed>/withdraw/", views.withdraw, name="withdraw"),
    path("join/<str:signed>/", joining.join, name="join"),
    path("join/<str:signed>/new-link/", joining.send_new_link, name="join-new-link"),
    path("software/", software_pages.software_list, name="software-list"),
    path("software/<slug:slug>/", software_pages.software, name="software"),
    path("developers/", developers.developers, name="developers"),
    path("developers/register/", vendor_registration.register, name="vendor-register"),
    path("developers/register/received/", vendor_registration.registered, name="vendor-registered"),
    path("developers/api/", developers.reference, name="api-reference"),
    path("developers/api/<slug:name>/", developers.operation, name="api-operation"),
    path("developers/webhooks/", developers.webhooks, name="api-webhooks"),
    path("developers/guides/<slug:slug>/", developers.guide, name="guide"),
    path("developers/samples/<str:name>/", developers.sample, name="sample"),
    path("developers/errors/", developers.error_codes, name="error-codes"),
    path("schemas/codaplus-1.0.xsd", schemas.codaplus_schema, name="codaplus-schema"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.mail, name="mail"),
    path("mailbox/<str:name>/html/", mailbox.mail_html, name="mail-html"),
]
