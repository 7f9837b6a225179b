"""The whole wiring of the project: which tasks react to which event.

Each line makes one pending reaction per event, in the event's own transaction; the worker runs the task with the
event's subject and deletes the row. Every task is idempotent. What software hears of is the one thing not here: that
depends on who listens, so triggers write it with the event (`apps/webhooks`).
"""

from typing import Final

from apps.events.rules import Batch

REACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "client_import.created": ("accounting_offices.import_clients",),
    "connection_enquiry.made": ("tokens.answer_enquiry",),
    "company.contact_change_asked": ("companies.send_contact_confirmation", "companies.send_contact_notice"),
    "company.contact_confirmation_renewed": ("companies.send_contact_confirmation",),
    "office_application.made": ("accounting_offices.send_receipt",),
    "office_application.approved": ("accounting_offices.send_decision",),
    "office_application.declined": ("accounting_offices.send_decision",),
    "accounting_office.clients_imported": (
        "tokens.recheck_office",
        "tokens.follow_office",
        "accounting_offices.tell_of_office_claims",
        "delivery.deliver_waiting_of_office",
        "delivery.deliver_waiting_invoices_of_office",
    ),
    "client_link.claimed": ("accounting_offices.tell_of_claims",),
    "client_link.transferred": ("accounting_offices.tell_of_transfer",),
    "client_link.claim_refused": ("accounting_offices.tell_of_refusal",),
    "token.issued": ("tokens.send_token_mail",),
    "mail.recovered": ("tokens.recheck_unmailed", "tokens.hasten_mails"),
    "address.limit_reached": ("tokens.send_address_warning",),
    "connection.activated": ("delivery.open_feed",),
    "invoice.received": ("invoices.judge_invoice",),
    "invoice.corrected": ("invoices.judge_invoice",),
    "invoice.accepted": ("delivery.fan_out_invoice", "reconciliation.match_invoice"),
    "invoice.settlement_undone": ("reconciliation.match_invoice",),
    "invoice.allocation_undone": ("reconciliation.match_invoice",),
    "invoice.set_off_undone": ("reconciliation.match_invoice",),
    "company.matching_chosen": ("reconciliation.match_company",),
    "invoice.questioned": ("invoices.tell_of_remark",),
    "invoice.refused": ("invoices.tell_of_remark",),
    "invoice.answered": ("invoices.tell_of_answer",),
    "invoice.correction_accepted": (
        "delivery.fan_out_invoice",
        "reconciliation.match_invoice",
        "invoices.tell_of_correction",
    ),
    "coda_upload.created": ("statements.import_upload",),
    "source_file.received": ("statements.import_source_file",),
    "coda_file.received": ("statements.import_coda_file",),
    "statement.imported": (
        "reconciliation.match_statement",
        "delivery.fan_out_statement",
        "delivery.examine_account",
    ),
    "statement.held": ("delivery.examine_account",),
    "statement.set_aside": ("delivery.examine_account",),
    "statement.replaced": ("reconciliation.forget_statement",),
    "bank_account.added": ("statements.route_statements",),
    "mandate.activated": ("delivery.examine_account", "delivery.deliver_mandated"),
    "mandate.ended": ("delivery.examine_account",),
    "company.registered": ("tokens.recheck_company",),
    "company.reactivated": ("tokens.recheck_company",),
    "company.contact_changed": ("tokens.recheck_company",),
    "company.number_corrected": ("tokens.recheck_company",),
    "company.merged": (
        "tokens.recheck_company",
        "tokens.follow_company",
        "reconciliation.match_company",
        "delivery.deliver_waiting",
        "delivery.deliver_waiting_invoices",
    ),
    "client_link.started": (
        "tokens.recheck_company",
        "tokens.follow_company",
        "delivery.deliver_waiting",
        "delivery.deliver_waiting_invoices",
    ),
    "client_link.ended": ("tokens.follow_company", "delivery.deliver_waiting_invoices"),
    "client_link.end_planned": ("delivery.deliver_waiting_invoices",),
    "accounting_office.approved": (
        "tokens.recheck_office",
        "tokens.follow_office",
        "accounting_offices.settle_applications",
        "accounting_offices.welcome_office",
    ),
    "company_member_link.made": ("companies.mail_member_link",),
    "company_member.invited": ("companies.mail_member_link",),
    "office_member_link.made": ("accounting_offices.mail_member_link",),
    "office_member.invited": ("accounting_offices.mail_member_link",),
    "vendor_application.made": ("tokens.send_vendor_receipt",),
    "vendor_application.refused": ("tokens.send_vendor_refusal",),
    "vendor_member_link.made": ("tokens.mail_vendor_link",),
    "vendor_member.invited": ("tokens.mail_vendor_link",),
    "accounting_office.ended": ("tokens.follow_office",),
    "destination.confirmation_asked": ("delivery.send_confirmation",),
    "backfill.created": ("delivery.run_backfill",),
    "invoice_bundle.created": ("delivery.run_bundle",),
    "invoice_redelivery.created": ("delivery.run_redelivery",),
    "destination.failing": ("delivery.tell_of_failing",),
    "webhook_endpoint.stopped": ("webhooks.tell_of_stop",),
}
# Where a worker finds many of one task due, it runs them at once by the task for many. None of these sends anything:
# the end of a batch may be lost with the machine, and it is then run again.
BATCHES: Final[dict[str, Batch]] = {
    "statements.import_coda_file": Batch("statements.import_coda_files", most=20),
    "delivery.fan_out_statement": Batch("delivery.fan_out_statements", most=200),
    "invoices.judge_invoice": Batch("invoices.judge_invoices", most=50),
    "delivery.fan_out_invoice": Batch("delivery.fan_out_invoices", most=200),
    "reconciliation.match_statement": Batch("reconciliation.match_statements", most=50),
    "delivery.examine_account": Batch("delivery.examine_accounts", most=500),
}
