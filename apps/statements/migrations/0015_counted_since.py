"""Since when a statement counts, dated by the database at the moment of writing: a list of movements goes on from there.

A statement that was held or without an account counts later than it was stored. Rows from before have none: they
count since they were stored.
"""

from django.db import migrations, models

DATED = """
CREATE FUNCTION statements_statement_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.counted_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER statements_statement_counts_added BEFORE INSERT ON statements_statement
    FOR EACH ROW WHEN (NEW.state = 'imported') EXECUTE FUNCTION statements_statement_count();
CREATE TRIGGER statements_statement_counts_changed BEFORE UPDATE OF state ON statements_statement
    FOR EACH ROW WHEN (NEW.state = 'imported' AND OLD.state <> 'imported')
    EXECUTE FUNCTION statements_statement_count();
"""
UNDATED = """
DROP TRIGGER statements_statement_counts_changed ON statements_statement;
DROP TRIGGER statements_statement_counts_added ON statements_statement;
DROP FUNCTION statements_statement_count();
"""


class Migration(migrations.Migration):
    dependencies = [("statements", "0014_details_roll_over")]
    operations = [
        migrations.AddField(
            model_name="statement",
            name="counted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="counts since"),
        ),
        migrations.RunSQL(DATED, UNDATED),
    ]
