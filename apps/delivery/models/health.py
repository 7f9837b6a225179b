"""How every bank account is doing, as it was found when last looked at."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.companies.models import BankAccount
from apps.core.fields import CodeField
from apps.delivery.labels import IN_SHORT, RHYTHMS, URGENCIES


class AccountHealth(models.Model):
    """What was found of one account: lists are sorted and counted by it, pages examine anew.

    Nothing here is a fact of its own: all of it is computed from statements, mandates and feeds, and computed again
    when one of them changes, when a statement becomes late, and every hour. `urgency` sorts what needs somebody first.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.OneToOneField(
        BankAccount, on_delete=models.PROTECT, related_name="health", verbose_name=_("bank account")
    )
    bank = models.CharField(_("bank"), max_length=8)
    rhythm = CodeField(_("rhythm"), max_length=10, words=RHYTHMS)
    code = CodeField(_("diagnosis"), max_length=20, words=IN_SHORT)
    urgency = CodeField(_("urgency"), max_length=1, words=URGENCIES)
    since = models.DateTimeField(_("since"), null=True, blank=True)
    last_on = models.DateField(_("last statement"), null=True, blank=True)
    last_arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    expected_at = models.DateTimeField(_("expected"), null=True, blank=True)
    late_at = models.DateTimeField(_("late from"), null=True, blank=True)
    finding_on = models.DateField(_("newest gap"), null=True, blank=True)
    examined_at = models.DateTimeField(_("examined"))
    look_at = models.DateTimeField(_("to be examined"))

    class Meta:
        verbose_name = _("health of a bank account")
        verbose_name_plural = _("health of bank accounts")
        indexes = [
            models.Index(fields=["look_at"], name="delivery_health_look"),
            models.Index(fields=["bank", "urgency", "id"], name="delivery_health_bank"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.code}"
