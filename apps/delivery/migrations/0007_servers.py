"""Servers that files are put on. No column has a default to write, and the table is small."""
import apps.delivery.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounting_offices', '0008_closed_books'),
        ('companies', '0006_name_relations'),
        ('delivery', '0006_delivery_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='destination',
            name='folder',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='folder'),
        ),
        migrations.AddField(
            model_name='destination',
            name='host',
            field=models.CharField(blank=True, db_default='', default='', max_length=253, verbose_name='server'),
        ),
        migrations.AddField(
            model_name='destination',
            name='host_key',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='key of the server'),
        ),
        migrations.AddField(
            model_name='destination',
            name='port',
            field=models.PositiveIntegerField(db_default=22, default=22, verbose_name='port'),
        ),
        migrations.AddField(
            model_name='destination',
            name='public_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='our public key'),
        ),
        migrations.AddField(
            model_name='destination',
            name='sealed_secret',
            field=models.TextField(blank=True, db_default='', default='', editable=False),
        ),
        migrations.AddField(
            model_name='destination',
            name='username',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='user name'),
        ),
        migrations.AddField(
            model_name='destination',
            name='wanted_host_key',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='key to be confirmed'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='channel',
            field=models.CharField(choices=[(apps.delivery.rules.Channel['INBOX'], apps.delivery.rules.Channel['INBOX']), (apps.delivery.rules.Channel['FEED'], apps.delivery.rules.Channel['FEED']), (apps.delivery.rules.Channel['EMAIL'], apps.delivery.rules.Channel['EMAIL']), (apps.delivery.rules.Channel['EMAIL_DAILY'], apps.delivery.rules.Channel['EMAIL_DAILY']), (apps.delivery.rules.Channel['SFTP'], apps.delivery.rules.Channel['SFTP'])], max_length=12, verbose_name='channel'),
        ),
        migrations.AlterField(
            model_name='destination',
            name='channel',
            field=models.CharField(choices=[(apps.delivery.rules.Channel['EMAIL'], apps.delivery.rules.Channel['EMAIL']), (apps.delivery.rules.Channel['EMAIL_DAILY'], apps.delivery.rules.Channel['EMAIL_DAILY']), (apps.delivery.rules.Channel['SFTP'], apps.delivery.rules.Channel['SFTP'])], max_length=12, verbose_name='channel'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'sftp'), _negated=True), models.Q(models.Q(('host', ''), _negated=True), models.Q(('sealed_secret', ''), _negated=True), models.Q(('state__in', ['unconfirmed', 'removed']), models.Q(('host_key', ''), _negated=True), _connector='OR')), _connector='OR'), name='delivery_destination_server_known'),
        ),
    ]
