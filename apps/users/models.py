"""People who sign in, by e-mail and password."""

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.core.fields import CodeField
from apps.core.languages import LANGUAGE_NAMES
from apps.users.labels import LINK_PURPOSES
from apps.users.rules import LinkPurpose


class UserManager(BaseUserManager["User"]):
    """Makes users; the manager that Django's own commands expect."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person with a hashed password (unusable when none is given)."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a member of staff who may do everything in the back-office."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Rights in a company or office are members' rows there, never flags here."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    language = CodeField(_("language"), max_length=2, default="nl", words=LANGUAGE_NAMES)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)
    sessions_ended_at = models.DateTimeField(_("signed out everywhere"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="users_user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must know to stay open; Django calls it, also with the secrets of before."""
        known: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc] # Django's stubs lack it
        if self.sessions_ended_at is None:
            return known
        return salted_hmac(
            "sessions ended", f"{known}{self.sessions_ended_at.timestamp()}", secret=secret, algorithm="sha256"
        ).hexdigest()


class MailedLinkQuerySet(models.QuerySet["MailedLink"]):
    """Filters of mailed links."""

    def open(self) -> "MailedLinkQuerySet":
        """Keep the links with which nothing was done yet; at most one per purpose, subject and address."""
        return self.filter(used_at=None, replaced_at=None, withdrawn_at=None)


class MailedLink(models.Model):
    """A link that was mailed to an address and works once. Its secret is a signature over the id: stored nowhere.

    Usable until it is used, replaced by a newer one for the same purpose, subject and address, withdrawn by who had
    it mailed, or its time is over. It is *open* when nothing was done with it yet, expired or not.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    purpose = CodeField(_("purpose"), max_length=30, words=LINK_PURPOSES)
    subject_uuid = models.UUIDField(_("company or office"))
    address = models.EmailField(_("sent to"))
    language = models.CharField(_("language"), max_length=2)
    role = models.CharField(_("role"), max_length=10, blank=True)
    made_by = models.CharField(_("by"), max_length=80)
    made_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = MailedLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailed link")
        verbose_name_plural = _("mailed links")
        constraints = [
            models.CheckConstraint(condition=models.Q(purpose__in=list(LinkPurpose)), name="users_mailedlink_purpose"),
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True, replaced_at__isnull=True)
                | models.Q(used_at__isnull=True, withdrawn_at__isnull=True)
                | models.Q(replaced_at__isnull=True, withdrawn_at__isnull=True),
                name="users_mailedlink_one_end",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_uuid", "purpose", "made_at"], name="users_mailedlink_subject"),
            models.Index(Upper("address"), "made_at", name="users_mailedlink_address"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.subject_uuid}"
