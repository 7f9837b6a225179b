"""What each action does in each state: one row an action, one word a state, in the order of its enum.

A word is the state that the row is in afterwards, or `!code` when the action is refused. A new state or a new service
without its row fails a test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from apps.accounting_offices import services as offices
from apps.accounting_offices import transfers
from apps.accounting_offices.rules import LinkState, MandateState, OfficeState
from apps.companies.rules import ContactState
from apps.tokens.rules import ApplicationState, CaseState, ConnectionState, RequestState, TokenState
from apps.tokens.services import applications, cases, connections, endings, exchange, mail, requests, rotation, tracking
from tests.factories import registry
from tests.states import scenes
from tests.states.scenes import DAY, LONG, Scene

Act = Callable[[Scene], object]


@dataclass(frozen=True)
class Machine:
    """A state enum, how to bring a row to a state, and what each action does there."""

    states: type[StrEnum]
    bring: Callable[[Any, datetime], Scene]
    rows: dict[str, str]


ACTS: Final[dict[str, Act]] = {
    "request_connection": scenes.ask,
    "recheck_request": lambda s: requests.recheck_request(request_uuid=s.request.uuid, **s.by),
    "recheck_company": lambda s: requests.recheck_company(company_uuid=s.company.uuid, now=s.now),
    "recheck_office": lambda s: requests.recheck_office(office_uuid=s.office.uuid, now=s.now),
    "recheck_waiting": lambda s: requests.recheck_waiting(now=s.now),
    "recheck_unmailed": lambda s: requests.recheck_unmailed(now=s.now),
    "give_up_address": lambda s: requests.give_up_address(token_uuid=s.token.uuid, now=s.now),
    "record_undeliverable": lambda s: tracking.record_undeliverable(
        token_uuid=s.token.uuid, state=ContactState.COMPLAINED, now=s.now
    ),
    "record_delivered": lambda s: tracking.record_delivered(token_uuid=s.token.uuid, delivered_at=s.now, now=s.now),
    "send_token_mail": lambda s: mail.send_token_mail(token_uuid=s.token.uuid, now=s.now),
    "exchange_token": lambda s: exchange.exchange_token(software=s.software, text=s.code(), **s.by),
    "expire_requests": lambda s: endings.expire_requests(now=s.now + LONG),
    "withdraw_request": lambda s: endings.withdraw_request(request_uuid=s.request.uuid, **s.by),
    "close_request": lambda s: endings.close_request(request_uuid=s.request.uuid, message="no", **s.by),
    "rotate_credentials": lambda s: rotation.rotate_credentials(
        connection_uuid=s.connection.uuid, is_stolen=s.subject == s.connection, **s.by
    ),
    "revoke_connection": lambda s: connections.revoke_connection(connection_uuid=s.connection.uuid, **s.by),
    "suspend_connection": lambda s: connections.suspend_connection(
        connection_uuid=s.connection.uuid, code="office_not_client", **s.by
    ),
    "resume_connection": lambda s: connections.resume_connection(connection_uuid=s.connection.uuid, **s.by),
    "follow_client_links": lambda s: connections.follow_client_links(now=s.now),
    "use_credential_first": lambda s: connections.use_credential_first(
        credential_id=s.connection.credentials.latest("id").pk, now=s.now
    ),
    "take_case": lambda s: cases.take_case(case_uuid=s.subject.uuid, **s.by),
    "close_case": lambda s: cases.close_case(case_uuid=s.subject.uuid, **s.by),
    "approve_office": lambda s: offices.approve_office(office_uuid=s.office.uuid, **s.by),
    "end_office": lambda s: offices.end_office(office_uuid=s.office.uuid, **s.by),
    "start_client_link": lambda s: offices.start_client_link(
        company_uuid=registry.make_company(s.now).uuid,
        office_uuid=s.link.office.uuid,
        client_code="",
        starts_on=DAY,
        **s.by,
    ),
    "end_client_link": lambda s: offices.end_client_link(link_uuid=s.link.uuid, ends_on=DAY, **s.by),
    "end_due_links": lambda s: offices.end_due_links(now=s.now),
    "claim_client": lambda s: transfers.claim_client(
        office_uuid=s.link.office.uuid,
        enterprise_number=s.company.enterprise_number,
        client_code="",
        starts_on=DAY,
        **s.by,
    ),
    "confirm_transfer": lambda s: transfers.confirm_transfer(link_uuid=s.link.uuid, starts_on=DAY, **s.by),
    "object_to_claim": lambda s: transfers.object_to_claim(link_uuid=s.link.uuid, reason="no", **s.by),
    "refuse_claim": lambda s: transfers.refuse_claim(link_uuid=s.link.uuid, reason="no", **s.by),
    "withdraw_claim": lambda s: transfers.withdraw_claim(link_uuid=s.link.uuid, **s.by),
    "sign_mandate": lambda s: offices.sign_mandate(mandate_uuid=s.mandate.uuid, **s.by),
    "activate_mandate": lambda s: offices.activate_mandate(mandate_uuid=s.mandate.uuid, starts_on=DAY, **s.by),
    "end_mandate": lambda s: offices.end_mandate(mandate_uuid=s.mandate.uuid, ends_on=DAY, reason="over", **s.by),
    "refuse_mandate": lambda s: offices.refuse_mandate(mandate_uuid=s.mandate.uuid, reason="no", **s.by),
    "apply_as_vendor": lambda s: applications.apply_as_vendor(registration=scenes.NEW_SOFTWARE, now=s.now),
    "approve_vendor_application": lambda s: applications.approve_vendor_application(
        application_uuid=s.subject.uuid, **s.by
    ),
    "refuse_vendor_application": lambda s: applications.refuse_vendor_application(
        application_uuid=s.subject.uuid, reason="no", **s.by
    ),
    "request_mandate": lambda s: offices.request_mandate(
        bank_account_uuid=s.mandate.bank_account.uuid, purpose=s.mandate.purpose, signer="Bo", **s.by
    ),
}

MACHINES: Final = {
    "request": Machine(
        RequestState,
        scenes.request_in,
        {
            #                        waiting sending token_sent activated expired withdrawn closed
            "request_connection":   "sending sending sending activated expired withdrawn closed",
            "recheck_request":      "sending sending token_sent activated expired withdrawn closed",
            "recheck_company":      "sending sending token_sent activated expired withdrawn closed",
            "recheck_office":       "sending sending token_sent activated expired withdrawn closed",
            "recheck_waiting":      "sending sending token_sent activated expired withdrawn closed",
            "recheck_unmailed":     "waiting sending token_sent activated expired withdrawn closed",
            "give_up_address":      "waiting waiting waiting activated expired withdrawn closed",
            "record_undeliverable": "waiting waiting waiting activated expired withdrawn closed",
            "record_delivered":     "waiting sending token_sent activated expired withdrawn closed",
            "send_token_mail":      "waiting token_sent token_sent activated expired withdrawn closed",
            "exchange_token":       (
                "!token_revoked activated activated activated !token_expired !token_revoked !token_revoked"
            ),
            "expire_requests":      "expired expired expired activated expired withdrawn closed",
            "withdraw_request":     "withdrawn withdrawn withdrawn !illegal !illegal withdrawn !illegal",
            "close_request":        "closed closed closed !illegal !illegal !illegal closed",
        },
    ),
    "token": Machine(
        TokenState,
        scenes.token_in,
        {
            #                        issued exchanged superseded expired revoked
            "request_connection":   "superseded exchanged superseded expired revoked",
            "recheck_request":      "issued exchanged superseded expired revoked",
            "give_up_address":      "revoked exchanged superseded expired revoked",
            "record_undeliverable": "revoked exchanged superseded expired revoked",
            "record_delivered":     "issued exchanged superseded expired revoked",
            "send_token_mail":      "issued exchanged superseded expired revoked",
            "exchange_token":       "exchanged exchanged !token_superseded !token_expired !token_revoked",
            "expire_requests":      "expired exchanged superseded expired revoked",
            "withdraw_request":     "revoked !illegal superseded !illegal revoked",
            "close_request":        "revoked !illegal superseded !illegal !illegal",
        },
    ),
    "connection": Machine(
        ConnectionState,
        scenes.connection_in,
        {
            #                        active suspended revoked
            "revoke_connection":    "revoked revoked revoked",
            "suspend_connection":   "suspended suspended !illegal",
            "resume_connection":    "active active !illegal",
            "follow_client_links":  "active active revoked",
            "use_credential_first": "active suspended revoked",
            "rotate_credentials":   "active suspended !connection_revoked",
            "exchange_token":       "active suspended !token_revoked",
            "request_connection":   "active suspended revoked",
        },
    ),
    "case": Machine(
        CaseState,
        scenes.case_in,
        {
            #                        open in_progress resolved closed
            "take_case":            "in_progress in_progress !illegal !illegal",
            "close_case":           "closed closed !illegal closed",
            "request_connection":   "open in_progress resolved closed",
            "withdraw_request":     "resolved resolved resolved closed",
            "close_request":        "resolved resolved resolved closed",
            "expire_requests":      "resolved resolved resolved closed",
            "recheck_waiting":      "open in_progress resolved closed",
        },
    ),
    "application": Machine(
        ApplicationState,
        scenes.application_in,
        {
            #                             applied approved refused
            "apply_as_vendor":            "applied approved refused",
            "approve_vendor_application": "approved approved !illegal",
            "refuse_vendor_application":  "refused !illegal refused",
        },
    ),
    "office": Machine(
        OfficeState,
        scenes.office_in,
        {
            #                        applied client former
            "approve_office":       "client client client",
            "end_office":           "!illegal former former",
        },
    ),
    "link": Machine(
        LinkState,
        scenes.link_in,
        {
            #                        claimed current ended
            "start_client_link":    "claimed current ended",
            "end_client_link":      "ended ended !illegal",
            "end_due_links":        "claimed current ended",
            "claim_client":         "claimed current ended",
            "confirm_transfer":     "current !illegal !illegal",
            "object_to_claim":      "claimed !illegal !illegal",
            "refuse_claim":         "ended !illegal !illegal",
            "withdraw_claim":       "ended !illegal !illegal",
        },
    ),
    "mandate": Machine(
        MandateState,
        scenes.mandate_in,
        {
            #                        requested signed active ended refused
            "request_mandate":      "requested signed active ended refused",
            "sign_mandate":         "signed !illegal !illegal !illegal !illegal",
            "activate_mandate":     "!illegal active !illegal !illegal !illegal",
            "end_mandate":          "!illegal !illegal ended !illegal !illegal",
            "refuse_mandate":       "refused refused !illegal !illegal !illegal",
        },
    ),
}  # fmt: skip

# Services that move none of these machines by themselves, or only inside one of the actions above.
ELSEWHERE: Final = {
    "apply_as_office": "makes an office",
    "give_office_credentials": "an office's login",
    "make_office_credentials": "an office's login",
    "rotate_office_credentials": "an office's login",
    "end_office_credentials": "an office's login",
    "join_case": "inside the refusal of a request",
    "leave_case": "inside what frees a request",
    "take_back_token": "inside what ends a request or asks again",
    "free_from_case": "inside what frees a request",
    "move_request": "inside every move of a request",
    "record_news": "an event",
    "gather_facts": "reads",
    "lock_company": "locks",
    "lock_connection": "locks",
    "open_request": "inside asking and renewing",
    "check_request": "inside asking, renewing and checking again",
    "check_mail_limits": "reads",
    "end_request": "inside withdrawing, closing, expiring and revoking",
    "register_software": "makes a software",
    "make_registered": "makes a maker, its software and a key",
    "register_in_sandbox": "makes a maker, its software and a key",
    "send_vendor_receipt": "a mail",
    "send_vendor_refusal": "a mail",
    "give_software_key": "makes a key",
    "disable_software_key": "a key",
    "give_further_key": "makes a key",
    "end_key": "a key",
    "add_vendor_member": "members of a maker",
    "set_vendor_contact": "a maker's address",
    "make_first_vendor_link": "members of a maker",
    "send_first_vendor_link": "members of a maker",
    "invite_vendor_member": "members of a maker",
    "join_vendor": "members of a maker",
    "renew_vendor_link": "members of a maker",
    "change_vendor_role": "members of a maker",
    "remove_vendor_member": "members of a maker",
    "withdraw_vendor_invitation": "members of a maker",
    "mail_vendor_link": "a mail",
    "close_link": "inside ending and transferring",
    "open_link": "inside confirming and ending",
    "tell_of_claims": "a mail",
    "tell_of_transfer": "a mail",
    "tell_of_refusal": "a mail",
    "add_usage": "counters",
    "note_last_uses": "last uses",
    "write_usage": "counters and last uses",
    "choose_bank_access": "what a software sees of the bank",
    "take_turn": "locks",
    "forget_answers": "old answers",
    "record_undeliverable_link": "an address",
    "move": "inside the merge of two companies",
    "enquire": "asks whether a company can connect",
    "answer_enquiry": "a mail",
    "check_company": "reads",
    "delete_old_enquiries": "old enquiries",
    "ask_for_new_code": "asks again for a member: request_connection",
    "withdraw_as_member": "withdraws for a member: withdraw_request",
    "warn_busy_address": "a warning",
    "hasten_mails": "when a mail is tried again",
    "send_address_warning": "a mail",
}
