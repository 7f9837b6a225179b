"""A credit may give to one invoice more than once: its excess, after a correction raised the invoice."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('reconciliation', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='allocation',
            name='reconciliation_allocation_once',
        ),
    ]
