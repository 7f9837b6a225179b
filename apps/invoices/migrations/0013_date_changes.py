"""The database dates every change of an invoice at the moment it is written: a list by last change misses nothing.

What a service read from its clock may be seconds older than its commit. `invoices_invoice_touch` is for the triggers of
other tables: it does nothing when the same transaction, or a later one, dated the invoice already.
"""

from django.db import migrations

DATE = """
CREATE FUNCTION invoices_invoice_date_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at = clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER invoices_invoice_dates_change
    BEFORE INSERT OR UPDATE ON invoices_invoice FOR EACH ROW EXECUTE FUNCTION invoices_invoice_date_change();
CREATE FUNCTION invoices_invoice_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invoices_invoice SET changed_at = clock_timestamp()
    WHERE id = NEW.invoice_id AND changed_at < transaction_timestamp();
    RETURN NULL;
END
$$;
"""

LEAVE = """
DROP TRIGGER invoices_invoice_dates_change ON invoices_invoice;
DROP FUNCTION invoices_invoice_date_change();
DROP FUNCTION invoices_invoice_touch();
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0012_credits_indexes")]
    operations = [migrations.RunSQL(DATE, LEAVE)]
