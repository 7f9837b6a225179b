"""A detail's number goes on with 0000 after 9999, so 0 with a parent is no fault."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("statements", "0013_decisions")]

    operations = [migrations.RemoveConstraint(model_name="movement", name="statements_movement_detail")]
