"""Routes of the portal."""

from django.urls import path

from apps.portal import connections, joining, mailbox, members, views

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
    path("offices/<uuid:office_uuid>/inbox/", views.inbox, name="inbox"),
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
    path("requests/<str:signed>/withdraw/", views.withdraw, name="withdraw"),
    path("join/<str:signed>/", joining.join, name="join"),
    path("join/<str:signed>/new-link/", joining.send_new_link, name="join-new-link"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.mail, name="mail"),
    path("mailbox/<str:name>/html/", mailbox.mail_html, name="mail-html"),
]
