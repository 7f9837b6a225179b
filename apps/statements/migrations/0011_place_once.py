"""A place in a received file is taken once. Built while others write."""

from django.db import migrations, models
from django.db.models import Q

ONCE = models.UniqueConstraint(
    fields=["source_file", "place"], condition=Q(source_file__isnull=False), name="statements_codafile_place_once"
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("statements", "0010_source_files")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddConstraint("codafile", ONCE)],
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY statements_codafile_place_once "
                    "ON statements_codafile (source_file_id, place) WHERE source_file_id IS NOT NULL",
                    "DROP INDEX CONCURRENTLY statements_codafile_place_once",
                )
            ],
        ),
    ]
