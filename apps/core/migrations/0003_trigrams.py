"""pg_trgm and btree_gin: a part of a name is found by index, within one office. Trusted extensions, as btree_gist is."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0002_extensions")]
    operations = [TrigramExtension(), BtreeGinExtension()]
