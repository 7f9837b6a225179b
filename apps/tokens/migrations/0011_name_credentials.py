"""An office calls its pairs of credentials by a name."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0010_name_relations'),
    ]

    operations = [
        migrations.AddField(
            model_name='credential',
            name='name',
            field=models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='name'),
        ),
    ]
