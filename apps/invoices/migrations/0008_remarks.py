"""What offices ask and companies answer. The rule on invoices holds for new rows; the next migration looks at the others."""

import uuid

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounting_offices', '0007_name_relations'),
        ('companies', '0006_name_relations'),
        ('invoices', '0007_immutable_papers'),
        ('tokens', '0010_name_relations'),
    ]

    operations = [
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('question', 'question'), ('refusal', 'refusal'), ('answer', 'answer')], max_length=10, verbose_name='kind')),
                ('text', models.TextField(max_length=2000, verbose_name='text')),
                ('actor', models.CharField(max_length=80, verbose_name='by')),
                ('made_at', models.DateTimeField(verbose_name='written')),
            ],
            options={
                'verbose_name': 'remark on an invoice',
                'verbose_name_plural': 'remarks on invoices',
            },
        ),
        migrations.AddField(
            model_name='invoice',
            name='answered_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='question answered'),
        ),
        AddConstraintNotValid(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('answered_at__isnull', True), ('office_state', 'questioned'), _connector='OR'), name='invoices_invoice_answered_question'),
        ),
        migrations.AddField(
            model_name='remark',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remarks', to='invoices.invoice', verbose_name='sales invoice'),
        ),
        migrations.AddConstraint(
            model_name='remark',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['question', 'refusal', 'answer'])), name='invoices_remark_kind'),
        ),
        migrations.AddConstraint(
            model_name='remark',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='invoices_remark_text'),
        ),
    ]
