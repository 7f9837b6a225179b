"""What the bank tells about a movement (records 3) and about a statement (records 4), for people and files.

Both columns have a constant default, so no row is rewritten.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0015_counted_since")]
    operations = [
        migrations.AddField(
            model_name="movement",
            name="information",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="information of the bank"),
        ),
        migrations.AddField(
            model_name="statement",
            name="bank_messages",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="messages of the bank"),
        ),
    ]
