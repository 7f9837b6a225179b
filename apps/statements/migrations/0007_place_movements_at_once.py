"""Movements are placed once a statement of SQL, not once a row: a large file is copied at nearly the table's speed.

Who writes a movement may say whose it is; what is wrong or missing is put right from the account, which is held as
before, so that a merge and an import see each other. What changes later is still looked up row by row.
"""

from django.db import migrations

AT_ONCE = """
CREATE FUNCTION statements_movement_place_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM companies_bankaccount
    WHERE id IN (
        SELECT account_id FROM statements_statement
        WHERE state = 'imported' AND id IN (SELECT statement_id FROM added WHERE is_money)
    )
    ORDER BY id FOR SHARE;
    UPDATE statements_movement AS movement SET company_id = NULL
    FROM added
    JOIN statements_statement AS statement ON statement.id = added.statement_id
    LEFT JOIN companies_bankaccount AS account ON account.id = statement.account_id AND statement.state = 'imported'
    WHERE movement.id = added.id
        AND added.company_id IS DISTINCT FROM CASE WHEN added.is_money THEN account.company_id END;
    RETURN NULL;
END
$$;
CREATE TRIGGER statements_movement_are_placed AFTER INSERT ON statements_movement
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION statements_movement_place_added();
DROP TRIGGER statements_movement_is_placed ON statements_movement;
CREATE TRIGGER statements_movement_is_placed BEFORE UPDATE OF statement_id, is_money, company_id ON statements_movement
    FOR EACH ROW EXECUTE FUNCTION statements_movement_place();
"""
ONE_BY_ONE = """
DROP TRIGGER statements_movement_are_placed ON statements_movement;
DROP FUNCTION statements_movement_place_added();
DROP TRIGGER statements_movement_is_placed ON statements_movement;
CREATE TRIGGER statements_movement_is_placed
    BEFORE INSERT OR UPDATE OF statement_id, is_money, company_id ON statements_movement
    FOR EACH ROW EXECUTE FUNCTION statements_movement_place();
"""


class Migration(migrations.Migration):
    dependencies = [("statements", "0006_immutable_papers")]
    operations = [migrations.RunSQL(AT_ONCE, ONE_BY_ONE)]
