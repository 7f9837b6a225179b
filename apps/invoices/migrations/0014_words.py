"""The words of a document, for searches. Without a default: the table is not written anew; `index_words` fills it.

Keeping words is no change that a list by last change should tell: those of a million invoices may be kept in a day.
"""

from django.contrib.postgres.search import SearchVectorField
from django.db import migrations

DATE_BUT_WORDS = """
DROP TRIGGER invoices_invoice_dates_change ON invoices_invoice;
CREATE TRIGGER invoices_invoice_dates_change
    BEFORE UPDATE ON invoices_invoice FOR EACH ROW
    WHEN (OLD.words IS NOT DISTINCT FROM NEW.words) EXECUTE FUNCTION invoices_invoice_date_change();
CREATE TRIGGER invoices_invoice_dates_start
    BEFORE INSERT ON invoices_invoice FOR EACH ROW EXECUTE FUNCTION invoices_invoice_date_change();
"""
DATE_ALL = """
DROP TRIGGER invoices_invoice_dates_start ON invoices_invoice;
DROP TRIGGER invoices_invoice_dates_change ON invoices_invoice;
CREATE TRIGGER invoices_invoice_dates_change
    BEFORE INSERT OR UPDATE ON invoices_invoice FOR EACH ROW EXECUTE FUNCTION invoices_invoice_date_change();
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0013_date_changes")]

    operations = [
        migrations.AddField(
            model_name='invoice',
            name='words',
            field=SearchVectorField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(DATE_BUT_WORDS, DATE_ALL),
    ]
