from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0010_bundles")]

    operations = [
        migrations.AlterField(
            model_name="accounthealth",
            name="urgency",
            field=models.CharField(
                choices=[("a", "a"), ("b", "b"), ("c", "c"), ("d", "d")], max_length=1, verbose_name="urgency"
            ),
        ),
    ]
