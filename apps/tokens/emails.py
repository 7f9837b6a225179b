"""The mails of the token lifecycle; each function returns a message, a task sends it."""

from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from apps.core.clock import BRUSSELS
from apps.core.identifiers import format_enterprise_number
from apps.tokens import secrets
from apps.tokens.links import sign_withdrawal
from apps.tokens.models import AccessToken


def token_mail(token: AccessToken) -> EmailMultiAlternatives:
    """Return the mail that carries a token, in the company's language; the same bytes' worth each time."""
    context = {
        "token": secrets.derive_token(token.uuid, key=settings.TOKEN_KEY),
        "company_name": token.company.name,
        "enterprise_number": format_enterprise_number(token.company.enterprise_number),
        "software_name": token.software.name,
        "issued_at": token.issued_at.astimezone(BRUSSELS),
        "expires_at": token.expires_at.astimezone(BRUSSELS),
        "site_name": settings.SITE_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "base_url": settings.BASE_URL,
        "withdraw_url": f"{settings.BASE_URL}/requests/{sign_withdrawal(token.request.uuid)}/withdraw/",
    }
    with translation.override(token.company.language):
        context["language"] = token.company.language
        subject = render_to_string("emails/token-subject.txt", context).strip()
        text = render_to_string("emails/token-body-text.txt", context)
        html = render_to_string("emails/token-body-html.html", context)
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[token.sent_to],
        headers={
            "Message-ID": f"<{token.uuid}@{_mail_host()}>",
            "Date": format_datetime(token.issued_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(html, "text/html")
    # Anymail sends it along, so that the mail service's webhooks say which token they are about; SMTP ignores it.
    message.metadata = {"token": str(token.uuid)}  # type: ignore[attr-defined] # Anymail's own addition
    return message


def _mail_host() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"
