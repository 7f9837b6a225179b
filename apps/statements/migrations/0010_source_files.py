"""Files as they came in, and which of them a CODA file stood in."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

REFUSE = """
CREATE TRIGGER statements_sourcefile_no_delete BEFORE DELETE ON statements_sourcefile
    FOR EACH ROW EXECUTE FUNCTION blobs_refuse_change();
CREATE TRIGGER statements_sourcefile_no_change BEFORE UPDATE ON statements_sourcefile FOR EACH ROW
    WHEN ((OLD.blob_id, OLD.name, OLD.received_at) IS DISTINCT FROM (NEW.blob_id, NEW.name, NEW.received_at))
    EXECUTE FUNCTION blobs_refuse_change();
"""
ALLOW = """
DROP TRIGGER statements_sourcefile_no_change ON statements_sourcefile;
DROP TRIGGER statements_sourcefile_no_delete ON statements_sourcefile;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("statements", "0009_waiting_statements"),
        ("blobs", "0002_immutable"),
        ("jobs", "0005_name_relations"),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("command", "command"), ("upload", "upload"), ("inbox", "inbox")],
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                ("ignored", models.JSONField(default=list, verbose_name="ignored")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="blobs.blob",
                        verbose_name="file",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="source_files",
                        to="jobs.job",
                        verbose_name="job",
                    ),
                ),
            ],
            options={"verbose_name": "received file", "verbose_name_plural": "received files"},
        ),
        migrations.AddField(
            model_name="codafile",
            name="place",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="place in the file"),
        ),
        migrations.AddField(
            model_name="codafile",
            name="source_file",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="coda_files",
                to="statements.sourcefile",
                verbose_name="came in",
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
