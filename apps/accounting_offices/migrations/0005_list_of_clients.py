"""An office's clients are listed from their links alone: the name, number, standing and address stand on them too.

`tokens` has the triggers that write these columns, under the previous release as well.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounting_offices", "0004_claims_and_transfers")]

    operations = [
        migrations.AddField(
            model_name='clientlink',
            name='company_name',
            field=models.CharField(db_default='', default='', editable=False, max_length=200, verbose_name="company's name"),
        ),
        migrations.AddField(
            model_name='clientlink',
            name='company_number',
            field=models.CharField(db_default='', default='', editable=False, max_length=10, verbose_name="company's number"),
        ),
        migrations.AddField(
            model_name='clientlink',
            name='has_address',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='has an address on file'),
        ),
        migrations.AddField(
            model_name='clientlink',
            name='standing',
            field=models.CharField(choices=[(s, s) for s in ('refused', 'connected', 'waiting', 'unasked')], db_default='unasked', default='unasked', editable=False, max_length=10, verbose_name='standing'),
        ),
    ]
