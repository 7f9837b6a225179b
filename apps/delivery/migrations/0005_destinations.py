"""Destinations, what is sent to them, and every attempt. The new columns of deliveries have no default to write."""

import apps.delivery.rules
import django.db.models.deletion
import uuid
from django.db import migrations, models

# PostgreSQL widens no column that a trigger names; both happen at once, and no row is rewritten.
DROP_TRIGGER = "DROP TRIGGER delivery_delivery_tells_invoice ON delivery_delivery"
CREATE_TRIGGER = """
CREATE TRIGGER delivery_delivery_tells_invoice
    AFTER INSERT OR UPDATE OF invoice_id, office_id, channel, delivered_at, fetched_at ON delivery_delivery
    FOR EACH ROW WHEN (NEW.channel = 'inbox') EXECUTE FUNCTION delivery_delivery_tell_invoice()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounting_offices', '0007_name_relations'),
        ('companies', '0006_name_relations'),
        ('delivery', '0004_name_relations'),
        ('invoices', '0006_name_relations'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField(verbose_name='started')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('outcome', models.CharField(blank=True, choices=[(apps.delivery.rules.Outcome['DONE'], apps.delivery.rules.Outcome['DONE']), (apps.delivery.rules.Outcome['THERE_ALREADY'], apps.delivery.rules.Outcome['THERE_ALREADY']), (apps.delivery.rules.Outcome['FAILED'], apps.delivery.rules.Outcome['FAILED']), (apps.delivery.rules.Outcome['INTERRUPTED'], apps.delivery.rules.Outcome['INTERRUPTED'])], max_length=15, verbose_name='outcome')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='reason')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='answer')),
            ],
            options={
                'verbose_name': 'attempt',
                'verbose_name_plural': 'attempts',
            },
        ),
        migrations.CreateModel(
            name='Destination',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('channel', models.CharField(choices=[(apps.delivery.rules.Channel['EMAIL'], apps.delivery.rules.Channel['EMAIL']), (apps.delivery.rules.Channel['EMAIL_DAILY'], apps.delivery.rules.Channel['EMAIL_DAILY'])], max_length=12, verbose_name='channel')),
                ('state', models.CharField(choices=[(apps.delivery.rules.DestinationState['UNCONFIRMED'], apps.delivery.rules.DestinationState['UNCONFIRMED']), (apps.delivery.rules.DestinationState['ACTIVE'], apps.delivery.rules.DestinationState['ACTIVE']), (apps.delivery.rules.DestinationState['PAUSED'], apps.delivery.rules.DestinationState['PAUSED']), (apps.delivery.rules.DestinationState['REMOVED'], apps.delivery.rules.DestinationState['REMOVED'])], max_length=12, verbose_name='state')),
                ('state_at', models.DateTimeField(verbose_name='since')),
                ('address', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('wanted_address', models.EmailField(blank=True, max_length=254, verbose_name='address to be confirmed')),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed')),
                ('composed_on', models.DateField(blank=True, null=True, verbose_name='last collected')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='last delivered')),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='failures in a row')),
                ('failing_since', models.DateTimeField(blank=True, null=True, verbose_name='failing since')),
                ('retry_at', models.DateTimeField(blank=True, null=True, verbose_name='tried again')),
                ('failure_code', models.CharField(blank=True, max_length=40, verbose_name='reason')),
                ('failure_answer', models.CharField(blank=True, max_length=500, verbose_name='answer')),
                ('office_told_at', models.DateTimeField(blank=True, null=True, verbose_name='office told')),
            ],
            options={
                'verbose_name': 'destination',
                'verbose_name_plural': 'destinations',
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('collected_at', models.DateTimeField(verbose_name='collected')),
                ('part', models.PositiveSmallIntegerField(verbose_name='part')),
                ('parts', models.PositiveSmallIntegerField(verbose_name='parts')),
                ('queued_at', models.DateTimeField(verbose_name='queued')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
            ],
            options={
                'verbose_name': 'daily message',
                'verbose_name_plural': 'daily messages',
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='attempt_count',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='attempts'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='copy',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='copy'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='due_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='due'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='failure_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='reason'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='occasion',
            field=models.CharField(choices=[(apps.delivery.rules.Occasion['ARRIVAL'], apps.delivery.rules.Occasion['ARRIVAL']), (apps.delivery.rules.Occasion['BACKFILL'], apps.delivery.rules.Occasion['BACKFILL']), (apps.delivery.rules.Occasion['AGAIN'], apps.delivery.rules.Occasion['AGAIN'])], db_default='arrival', default=apps.delivery.rules.Occasion['ARRIVAL'], max_length=10, verbose_name='occasion'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='place',
            field=models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='place'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='queued_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='queued'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='uuid',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, verbose_name='version'),
        ),
        migrations.RunSQL(DROP_TRIGGER, CREATE_TRIGGER),
        migrations.AlterField(
            model_name='delivery',
            name='channel',
            field=models.CharField(choices=[(apps.delivery.rules.Channel['INBOX'], apps.delivery.rules.Channel['INBOX']), (apps.delivery.rules.Channel['FEED'], apps.delivery.rules.Channel['FEED']), (apps.delivery.rules.Channel['EMAIL'], apps.delivery.rules.Channel['EMAIL']), (apps.delivery.rules.Channel['EMAIL_DAILY'], apps.delivery.rules.Channel['EMAIL_DAILY'])], max_length=12, verbose_name='channel'),
        ),
        migrations.RunSQL(CREATE_TRIGGER, DROP_TRIGGER),
        migrations.AddField(
            model_name='deliveryattempt',
            name='delivery',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='delivery.delivery', verbose_name='delivery'),
        ),
        migrations.AddField(
            model_name='destination',
            name='company',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='destinations', to='companies.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='destination',
            name='office',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='destinations', to='accounting_offices.accountingoffice', verbose_name='accounting office'),
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='destination',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='delivery.destination', verbose_name='destination'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='destination',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='delivery.destination', verbose_name='destination'),
        ),
        migrations.AddField(
            model_name='mailing',
            name='destination',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='delivery.destination', verbose_name='destination'),
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='mailing',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='delivery.mailing', verbose_name='daily message'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='mailing',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='delivery.mailing', verbose_name='daily message'),
        ),
        migrations.AddIndex(
            model_name='destination',
            index=models.Index(condition=models.Q(('state__in', ['active', 'paused'])), fields=['office', 'company'], name='delivery_destination_live'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['unconfirmed', 'removed']), ('confirmed_at__isnull', False), _connector='OR'), name='delivery_destination_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('failing_since__isnull', True), ('failure_code', ''), ('failures', 0)), models.Q(('failing_since__isnull', False), ('failures__gt', 0), models.Q(('failure_code', ''), _negated=True)), _connector='OR'), name='delivery_destination_failing_since'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.UniqueConstraint(condition=models.Q(('channel__in', ['email', 'email_daily']), ('state__in', ['active', 'paused'])), fields=('office', 'company', 'channel', 'address'), name='delivery_destination_address_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['destination', 'due_at', 'id'], name='delivery_mailing_due'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('part__gte', 1), ('part__lte', models.F('parts'))), name='delivery_mailing_part_within'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at__isnull', True), ('due_at__isnull', True), _connector='OR'), name='delivery_mailing_sent_or_due'),
        ),
        migrations.AddIndex(
            model_name='deliveryattempt',
            index=models.Index(fields=['destination', '-id'], name='delivery_attempt_log'),
        ),
        migrations.AddIndex(
            model_name='deliveryattempt',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['destination'], name='delivery_attempt_open'),
        ),
        migrations.AddConstraint(
            model_name='deliveryattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('delivery__isnull', False), ('mailing__isnull', True)), models.Q(('delivery__isnull', True), ('mailing__isnull', False)), _connector='OR'), name='delivery_attempt_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='deliveryattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('outcome', '')), models.Q(('ended_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='delivery_attempt_ended_somehow'),
        ),
    ]
