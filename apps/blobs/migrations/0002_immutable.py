"""Rows of stored bytes never change and never go: a trigger refuses it, whoever asks."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION blobs_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'papers are immutable: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER blobs_blob_no_delete BEFORE DELETE ON blobs_blob
    FOR EACH ROW EXECUTE FUNCTION blobs_refuse_change();
CREATE TRIGGER blobs_blob_no_change BEFORE UPDATE ON blobs_blob FOR EACH ROW
    WHEN ((OLD.sha256, OLD.size, OLD.created_at) IS DISTINCT FROM (NEW.sha256, NEW.size, NEW.created_at))
    EXECUTE FUNCTION blobs_refuse_change();
"""

ALLOW = """
DROP TRIGGER blobs_blob_no_change ON blobs_blob;
DROP TRIGGER blobs_blob_no_delete ON blobs_blob;
DROP FUNCTION blobs_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("blobs", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
