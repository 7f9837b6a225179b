"""More rules by which money finds its invoice; the column is text, so only Django's choices change."""

from django.db import migrations, models

RULES = [
    "structured_communication",
    "end_to_end",
    "invoice_number",
    "known_account",
    "repaired_reference",
    "several_invoices",
    "oldest_first",
    "reversal",
]


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0005_touch_invoice")]

    operations = [
        migrations.AlterField(
            model_name="allocation",
            name="rule",
            field=models.CharField(choices=[(rule, rule) for rule in RULES], max_length=40, verbose_name="rule"),
        ),
    ]
