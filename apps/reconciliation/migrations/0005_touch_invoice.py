"""Every allocation changes its invoice, also one that leaves it partly paid: whoever lists invoices by their last change sees it."""

from django.db import migrations

TOUCH = """
CREATE TRIGGER reconciliation_allocation_touches_invoice
    AFTER INSERT ON reconciliation_allocation FOR EACH ROW EXECUTE FUNCTION invoices_invoice_touch();
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0004_settlements"), ("invoices", "0013_date_changes")]
    operations = [migrations.RunSQL(TOUCH, "DROP TRIGGER reconciliation_allocation_touches_invoice ON reconciliation_allocation;")]
