"""Earlier imports of clients say for which accounting office they were."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_drafts")]

    operations = [
        migrations.RunSQL(
            """
            UPDATE jobs_job SET subject_uuid = (parameters ->> 'office')::uuid
            WHERE kind = 'client_import' AND subject_uuid IS NULL AND parameters ? 'office'
            """,
            reverse_sql=migrations.RunSQL.noop,
        )
    ]
