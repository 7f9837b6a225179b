"""Every step of a delivery changes its invoice: whoever lists invoices by their last change sees it."""

from django.db import migrations

TOUCH = """
CREATE TRIGGER delivery_delivery_touches_invoice
    AFTER INSERT OR UPDATE OF state, state_at ON delivery_delivery FOR EACH ROW EXECUTE FUNCTION invoices_invoice_touch();
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0007_servers"), ("invoices", "0013_date_changes")]
    operations = [migrations.RunSQL(TOUCH, "DROP TRIGGER delivery_delivery_touches_invoice ON delivery_delivery;")]
