"""What a version or an arrival says of its papers never changes, and none is deleted: triggers refuse it."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER invoices_invoiceversion_no_delete BEFORE DELETE ON invoices_invoiceversion
    FOR EACH ROW EXECUTE FUNCTION blobs_refuse_change();
CREATE TRIGGER invoices_invoiceversion_no_change BEFORE UPDATE ON invoices_invoiceversion FOR EACH ROW
    WHEN ((OLD.invoice_id, OLD.version, OLD.document_id, OLD.pdf_id, OLD.received_at, OLD.issue_date, OLD.currency,
           OLD.net_amount, OLD.vat_amount, OLD.total_amount, OLD.payable_amount, OLD.customer_name)
        IS DISTINCT FROM
          (NEW.invoice_id, NEW.version, NEW.document_id, NEW.pdf_id, NEW.received_at, NEW.issue_date, NEW.currency,
           NEW.net_amount, NEW.vat_amount, NEW.total_amount, NEW.payable_amount, NEW.customer_name))
    EXECUTE FUNCTION blobs_refuse_change();
CREATE TRIGGER invoices_arrival_no_delete BEFORE DELETE ON invoices_arrival
    FOR EACH ROW EXECUTE FUNCTION blobs_refuse_change();
CREATE TRIGGER invoices_arrival_no_change BEFORE UPDATE ON invoices_arrival FOR EACH ROW
    WHEN ((OLD.software_id, OLD.document_id, OLD.pdf_id, OLD.received_at)
        IS DISTINCT FROM (NEW.software_id, NEW.document_id, NEW.pdf_id, NEW.received_at))
    EXECUTE FUNCTION blobs_refuse_change();
"""

ALLOW = """
DROP TRIGGER invoices_arrival_no_change ON invoices_arrival;
DROP TRIGGER invoices_arrival_no_delete ON invoices_arrival;
DROP TRIGGER invoices_invoiceversion_no_change ON invoices_invoiceversion;
DROP TRIGGER invoices_invoiceversion_no_delete ON invoices_invoiceversion;
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0006_name_relations"), ("blobs", "0002_immutable")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
