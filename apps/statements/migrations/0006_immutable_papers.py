"""Which bytes a bank's file is never changes, and no file is deleted: triggers refuse it."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER statements_codafile_no_delete BEFORE DELETE ON statements_codafile
    FOR EACH ROW EXECUTE FUNCTION blobs_refuse_change();
CREATE TRIGGER statements_codafile_no_change BEFORE UPDATE ON statements_codafile FOR EACH ROW
    WHEN ((OLD.blob_id, OLD.name, OLD.received_at) IS DISTINCT FROM (NEW.blob_id, NEW.name, NEW.received_at))
    EXECUTE FUNCTION blobs_refuse_change();
"""

ALLOW = """
DROP TRIGGER statements_codafile_no_change ON statements_codafile;
DROP TRIGGER statements_codafile_no_delete ON statements_codafile;
"""


class Migration(migrations.Migration):
    dependencies = [("statements", "0005_name_relations"), ("blobs", "0002_immutable")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
