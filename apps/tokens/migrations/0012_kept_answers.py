"""What a call with an Idempotency-Key was answered is kept for its repetition."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0011_name_credentials'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('request_digest', models.CharField(editable=False, max_length=64)),
                ('status', models.PositiveSmallIntegerField(verbose_name='status')),
                ('content_type', models.CharField(blank=True, max_length=100, verbose_name='media type')),
                ('body', models.BinaryField()),
                ('kept_at', models.DateTimeField(verbose_name='kept since')),
            ],
            options={
                'verbose_name': 'kept answer',
                'verbose_name_plural': 'kept answers',
                'indexes': [models.Index(fields=['kept_at'], name='tokens_keptanswer_kept')],
                'constraints': [
                    models.CheckConstraint(
                        condition=models.Q(('status__gte', 200), ('status__lt', 300)),
                        name='tokens_keptanswer_of_success',
                    )
                ],
            },
        ),
    ]
