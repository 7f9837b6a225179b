"""The newest jobs that were done for somebody."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("jobs", "0003_whom_jobs_are_for")]

    operations = [
        AddIndexConcurrently("job", models.Index(fields=["subject_uuid", "-id"], name="jobs_job_subject")),
    ]
