"""Routes of the portal."""

from django.urls import path

from apps.portal import clients, connections, contacts, inbox, joining, mailbox, members, public, requests, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("companies/<uuid:company_uuid>/", views.company, name="company"),
    path("companies/<uuid:company_uuid>/members/", members.members_of_company, name="company-members"),
    path("offices/<uuid:office_uuid>/members/", members.members_of_office, name="office-members"),
    path(
        "companies/<uuid:company_uuid>/connections/<uuid:connection_uuid>/<str:step>/",
        connections.change_connection,
        name="change-connection",
    ),
    path("offices/<uuid:office_uuid>/inbox/", inbox.inbox, name="inbox"),
    path(
        "offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/",
        views.office_invoice,
        name="office-invoice",
    ),
    path(
        "offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/pdf/",
        views.office_paper,
        {"file_format": "pdf"},
        name="office-invoice-pdf",
    ),
    path(
        "offices/<uuid:office_uuid>/invoices/<uuid:invoice_uuid>/xml/",
        views.office_paper,
        {"file_format": "xml"},
        name="office-invoice-xml",
    ),
    path("companies/<uuid:company_uuid>/contact/", contacts.company_contact, name="company-contact"),
    path("companies/<uuid:company_uuid>/requests/<uuid:request_uuid>/send-code/", requests.send_code, name="send-code"),
    path(
        "companies/<uuid:company_uuid>/requests/<uuid:request_uuid>/withdraw/",
        requests.withdraw_request,
        name="withdraw-request",
    ),
    path("offices/<uuid:office_uuid>/clients/", clients.clients, name="clients"),
    path("offices/<uuid:office_uuid>/claims/<uuid:link_uuid>/<str:step>/", clients.answer_claim, name="answer-claim"),
    path("offices/<uuid:office_uuid>/missing-addresses/", contacts.missing_addresses, name="missing-addresses"),
    path(
        "offices/<uuid:office_uuid>/clients/<uuid:company_uuid>/contact/",
        contacts.client_contact,
        name="client-contact",
    ),
    path("can-connect/", public.can_connect, name="can-connect"),
    path("can-connect/asked/", public.can_connect_asked, name="can-connect-asked"),
    path("offices/apply/", public.apply_as_office, name="office-apply"),
    path("offices/apply/received/", public.office_applied, name="office-applied"),
    path("confirm-address/<str:signed>/", public.confirm_address, name="confirm-address"),
    path("requests/<str:signed>/withdraw/", views.withdraw, name="withdraw"),
    path("join/<str:signed>/", joining.join, name="join"),
    path("join/<str:signed>/new-link/", joining.send_new_link, name="join-new-link"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.mail, name="mail"),
    path("mailbox/<str:name>/html/", mailbox.mail_html, name="mail-html"),
]
