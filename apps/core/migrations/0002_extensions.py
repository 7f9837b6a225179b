"""btree_gist: exclusion constraints on dates. A trusted extension: the database's owner may create it."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0001_default_privileges")]
    operations = [BtreeGistExtension()]
