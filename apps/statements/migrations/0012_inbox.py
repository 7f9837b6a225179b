"""Files seen in the inbox directory."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0011_place_once")]

    operations = [
        migrations.CreateModel(
            name="InboxFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                (
                    "state",
                    models.CharField(
                        choices=[(s, s) for s in ("waiting", "taken", "done", "failed", "gone")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("modified_ns", models.BigIntegerField()),
                ("trouble", models.CharField(blank=True, max_length=40, verbose_name="trouble")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("place", models.CharField(blank=True, max_length=400, verbose_name="moved to")),
                ("seen_at", models.DateTimeField(verbose_name="seen")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "source_file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="statements.sourcefile",
                        verbose_name="received file",
                    ),
                ),
            ],
            options={
                "verbose_name": "file in the inbox",
                "verbose_name_plural": "files in the inbox",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "taken")),
                        fields=["modified_ns", "id"],
                        name="statements_inboxfile_taken",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("name",),
                        name="statements_inboxfile_waiting_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("place", ""), _negated=True),
                        fields=("place",),
                        name="statements_inboxfile_place_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state__in", ["waiting", "taken"])),
                            models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed", "gone"])),
                            _connector="OR",
                        ),
                        name="statements_inboxfile_state_dated",
                    ),
                ],
            },
        ),
    ]
