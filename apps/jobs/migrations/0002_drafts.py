"""Jobs that wait for a person's choices, and whom each job is for."""

import apps.jobs.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('blobs', '0001_initial'),
        ('jobs', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='job',
            name='jobs_job_state_dated',
        ),
        migrations.AddField(
            model_name='job',
            name='subject_uuid',
            field=models.UUIDField(blank=True, null=True, verbose_name='for whom'),
        ),
        migrations.AlterField(
            model_name='job',
            name='state',
            field=models.CharField(choices=[(apps.jobs.rules.JobState['DRAFT'], apps.jobs.rules.JobState['DRAFT']), (apps.jobs.rules.JobState['QUEUED'], apps.jobs.rules.JobState['QUEUED']), (apps.jobs.rules.JobState['RUNNING'], apps.jobs.rules.JobState['RUNNING']), (apps.jobs.rules.JobState['DONE'], apps.jobs.rules.JobState['DONE']), (apps.jobs.rules.JobState['FAILED'], apps.jobs.rules.JobState['FAILED']), (apps.jobs.rules.JobState['CANCELLED'], apps.jobs.rules.JobState['CANCELLED'])], default=apps.jobs.rules.JobState['QUEUED'], max_length=10, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('started_at__isnull', True), ('state__in', ['draft', 'queued'])), models.Q(('finished_at__isnull', True), ('started_at__isnull', False), ('state', 'running')), models.Q(('finished_at__isnull', False), ('started_at__isnull', False), ('state', 'done')), models.Q(('finished_at__isnull', False), ('state', 'failed')), models.Q(('cancel_asked_at__isnull', False), ('finished_at__isnull', False), ('state', 'cancelled')), _connector='OR'), name='jobs_job_state_dated'),
        ),
    ]
