"""What no invoice holds of a payment, a row each, so that it is found without reading what is held."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0007_legal_holds"),
        ("statements", "0014_details_roll_over"),
        ("reconciliation", "0006_more_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name='LooseMoney',
            fields=[
                ('movement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='loose', serialize=False, to='statements.movement', verbose_name='movement')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company', verbose_name='company')),
                ('amount', models.DecimalField(decimal_places=3, max_digits=15, verbose_name='amount')),
                ('entry_on', models.DateField(verbose_name='entry date')),
                ('names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
            ],
            options={
                'verbose_name': 'loose money',
                'verbose_name_plural': 'loose money',
            },
        ),
        migrations.CreateModel(
            name='Returned',
            fields=[
                ('movement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='returns', serialize=False, to='statements.movement', verbose_name='movement')),
                ('original', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='returned', to='statements.movement', verbose_name='takes back')),
                ('created_at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'returned payment',
                'verbose_name_plural': 'returned payments',
            },
        ),
        migrations.AddIndex(
            model_name='loosemoney',
            index=models.Index(fields=['company', '-entry_on', '-movement'], name='reconciliation_loose_by_day'),
        ),
        migrations.AddIndex(
            model_name='loosemoney',
            index=models.Index(fields=['company', 'amount'], name='reconciliation_loose_amount'),
        ),
        migrations.AddIndex(
            model_name='loosemoney',
            index=django.contrib.postgres.indexes.GinIndex(fields=['company', 'names'], name='reconciliation_loose_names'),
        ),
        migrations.AddConstraint(
            model_name='loosemoney',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='reconciliation_loose_is_some'),
        ),
    ]
