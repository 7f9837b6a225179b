"""What credit notes take away of invoices: a ledger, whose sums a trigger repeats on both documents."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

REPEAT = """
CREATE FUNCTION reconciliation_set_off_repeat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invoices_invoice SET set_off_amount = set_off_amount + NEW.amount
    WHERE id IN (NEW.invoice_id, NEW.note_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER reconciliation_set_off_repeats
    AFTER INSERT ON reconciliation_setoff FOR EACH ROW EXECUTE FUNCTION reconciliation_set_off_repeat();
"""
FORGET = """
DROP TRIGGER reconciliation_set_off_repeats ON reconciliation_setoff;
DROP FUNCTION reconciliation_set_off_repeat();
UPDATE invoices_invoice SET set_off_amount = 0 WHERE set_off_amount <> 0;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0010_undone_once"), ("invoices", "0020_set_off_amount")]

    operations = [
        migrations.CreateModel(
            name="SetOff",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=15, verbose_name="amount")),
                ("actor", models.CharField(max_length=80, verbose_name="by")),
                ("created_at", models.DateTimeField(verbose_name="at")),
                (
                    "invoice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="note_set_offs",
                        to="invoices.invoice",
                        verbose_name="sales invoice",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="set_offs",
                        to="invoices.invoice",
                        verbose_name="credit note",
                    ),
                ),
            ],
            options={
                "verbose_name": "set-off of a credit note",
                "verbose_name_plural": "set-offs of credit notes",
                "indexes": [
                    models.Index(fields=["invoice", "id"], name="reconciliation_set_off_invoice"),
                    models.Index(fields=["note", "id"], name="reconciliation_set_off_note"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="reconciliation_set_off_not_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("note", models.F("invoice")), _negated=True),
                        name="reconciliation_set_off_of_two",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REPEAT, FORGET),
    ]
