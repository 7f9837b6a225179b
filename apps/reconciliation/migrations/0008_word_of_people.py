"""What people say about matching: payers that are ruled out, and the company's choices."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0007_loose_money")]

    operations = [
        migrations.CreateModel(
            name='MatchingChoice',
            fields=[
                ('company', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='companies.company', verbose_name='company')),
                ('pays_oldest_first', models.BooleanField(default=False, verbose_name='a reused reference pays the oldest first')),
                ('changed_by', models.CharField(max_length=80, verbose_name='by')),
                ('changed_at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'choice about matching',
                'verbose_name_plural': 'choices about matching',
            },
        ),
        migrations.CreateModel(
            name='RuledOut',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company', verbose_name='company')),
                ('account', models.CharField(max_length=37, verbose_name='account')),
                ('customer', models.CharField(max_length=300, verbose_name='customer')),
                ('customer_name', models.CharField(max_length=300, verbose_name="customer's name")),
                ('actor', models.CharField(max_length=80, verbose_name='by')),
                ('created_at', models.DateTimeField(verbose_name='at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back')),
                ('ended_by', models.CharField(blank=True, max_length=80, verbose_name='taken back by')),
            ],
            options={
                'verbose_name': 'payer ruled out',
                'verbose_name_plural': 'payers ruled out',
            },
        ),
        migrations.AddConstraint(
            model_name='ruledout',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('company', 'account', 'customer'), name='reconciliation_ruled_out_once'),
        ),
        migrations.AddConstraint(
            model_name='ruledout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__isnull', False), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='reconciliation_ruled_out_ended_by_somebody'),
        ),
    ]
