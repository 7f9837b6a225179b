"""A delivery to an inbox tells its invoice whose it is, since when, and when it was opened: a trigger, so that the
columns agree whoever writes the delivery, the previous release included."""

from django.db import migrations

TELL = """
CREATE FUNCTION delivery_delivery_tell_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invoices_invoice
    SET office_id = NEW.office_id, delivered_at = NEW.delivered_at, opened_at = NEW.fetched_at
    WHERE id = NEW.invoice_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER delivery_delivery_tells_invoice
    AFTER INSERT OR UPDATE OF invoice_id, office_id, channel, delivered_at, fetched_at ON delivery_delivery
    FOR EACH ROW WHEN (NEW.channel = 'inbox') EXECUTE FUNCTION delivery_delivery_tell_invoice();
"""

SILENCE = """
DROP TRIGGER delivery_delivery_tells_invoice ON delivery_delivery;
DROP FUNCTION delivery_delivery_tell_invoice();
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial"), ("invoices", "0002_inbox")]
    operations = [migrations.RunSQL(TELL, SILENCE)]
