"""A company's movements are listed from themselves alone: whose account it is stands on them too.

One function looks it up before a movement is written; the others touch the movements when something it looks at
changes. Triggers, so that the column agrees whoever writes, the previous release included. The lookup holds the
account, so that no import misses a merge that moves it: whoever comes second reads what the first one wrote.
"""

import django.db.models.deletion
from django.db import migrations, models

PLACE = """
CREATE FUNCTION statements_movement_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.company_id := NULL;
    IF NEW.is_money THEN
        SELECT account.company_id INTO NEW.company_id
        FROM statements_statement AS statement
        JOIN companies_bankaccount AS account ON account.id = statement.account_id
        WHERE statement.id = NEW.statement_id AND statement.state = 'imported'
        FOR SHARE OF account;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER statements_movement_is_placed
    BEFORE INSERT OR UPDATE OF statement_id, is_money, company_id ON statements_movement
    FOR EACH ROW EXECUTE FUNCTION statements_movement_place();
"""
DISPLACE = """
DROP TRIGGER statements_movement_is_placed ON statements_movement;
DROP FUNCTION statements_movement_place();
"""
FOLLOW_ACCOUNT = """
CREATE FUNCTION companies_bankaccount_touch_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE statements_movement SET company_id = NULL
    WHERE is_money AND statement_id IN (SELECT id FROM statements_statement WHERE account_id = NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER companies_bankaccount_touches_movements AFTER UPDATE OF company_id ON companies_bankaccount
    FOR EACH ROW WHEN (OLD.company_id <> NEW.company_id) EXECUTE FUNCTION companies_bankaccount_touch_movements();
"""
LEAVE_ACCOUNT = """
DROP TRIGGER companies_bankaccount_touches_movements ON companies_bankaccount;
DROP FUNCTION companies_bankaccount_touch_movements();
"""
FOLLOW_STATEMENT = """
CREATE FUNCTION statements_statement_touch_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE statements_movement SET company_id = NULL WHERE is_money AND statement_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER statements_statement_touches_movements AFTER UPDATE OF account_id, state ON statements_statement
    FOR EACH ROW WHEN (OLD.account_id IS DISTINCT FROM NEW.account_id OR OLD.state <> NEW.state)
    EXECUTE FUNCTION statements_statement_touch_movements();
"""
LEAVE_STATEMENT = """
DROP TRIGGER statements_statement_touches_movements ON statements_statement;
DROP FUNCTION statements_statement_touch_movements();
"""


class Migration(migrations.Migration):

    dependencies = [("companies", "0005_contact_changes"), ("statements", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name='movement',
            name='company',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='companies.company'),
        ),
        migrations.RunSQL(PLACE, DISPLACE),
        migrations.RunSQL(FOLLOW_ACCOUNT, LEAVE_ACCOUNT),
        migrations.RunSQL(FOLLOW_STATEMENT, LEAVE_STATEMENT),
    ]
