"""What the header says about a statement's place in the chain of its account."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("statements", "0007_place_movements_at_once")]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="created_on",
            field=models.DateField(blank=True, null=True, verbose_name="made by the bank"),
        ),
        migrations.AddField(
            model_name="statement",
            name="is_separate_application",
            field=models.BooleanField(db_default=False, default=False, verbose_name="separate application"),
        ),
    ]
