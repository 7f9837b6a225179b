"""Since when an office was mailed an answer. The column has no value to write in the rows that are there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoices", "0016_undelivered")]

    operations = [
        migrations.AddField(
            model_name='remark',
            name='told_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
