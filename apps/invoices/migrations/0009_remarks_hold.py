"""Look at the invoices that were there before, without keeping anybody from writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("invoices", "0008_remarks")]
    operations = [ValidateConstraint(model_name="invoice", name="invoices_invoice_answered_question")]
