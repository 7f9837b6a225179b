"""Client links say how their company is called and how far it is with connecting.

One function looks it up before a link is written; the others touch the links when something it looks at changes.
Triggers, so that the columns agree whoever writes, the previous release included. Every writer holds the company's
lock, so two of them never wait for each other's links.
"""

from django.db import migrations

# Table, when, and which row names the company.
TOUCHERS = (
    ("companies_company", "UPDATE OF name, enterprise_number", "NEW.id"),
    ("companies_contactemail", "INSERT OR UPDATE OF company_id", "NEW.company_id"),
    ("companies_contactemail", "DELETE", "OLD.company_id"),
    ("companies_contactemail", "UPDATE OF company_id", "OLD.company_id"),
    ("tokens_connectionrequest", "INSERT OR UPDATE OF company_id, state", "NEW.company_id"),
    ("tokens_connectionrequest", "UPDATE OF company_id", "OLD.company_id"),
    ("tokens_connection", "INSERT OR UPDATE OF company_id, state", "NEW.company_id"),
    ("tokens_connection", "UPDATE OF company_id", "OLD.company_id"),
)

DESCRIBE = """
CREATE FUNCTION offices_clientlink_describe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT name, enterprise_number INTO NEW.company_name, NEW.company_number
    FROM companies_company WHERE id = NEW.company_id;
    NEW.has_address := EXISTS (SELECT FROM companies_contactemail WHERE company_id = NEW.company_id);
    NEW.standing := CASE
        WHEN EXISTS (SELECT FROM tokens_connectionrequest WHERE company_id = NEW.company_id AND state = 'waiting')
            THEN 'refused'
        WHEN EXISTS (SELECT FROM tokens_connection WHERE company_id = NEW.company_id AND state <> 'revoked')
            THEN 'connected'
        WHEN EXISTS (SELECT FROM tokens_connectionrequest
                     WHERE company_id = NEW.company_id AND state IN ('sending', 'token_sent'))
            THEN 'waiting'
        ELSE 'unasked' END;
    RETURN NEW;
END
$$;
CREATE TRIGGER offices_clientlink_is_described BEFORE INSERT OR UPDATE ON accounting_offices_clientlink
    FOR EACH ROW EXECUTE FUNCTION offices_clientlink_describe();
"""

TOUCH = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounting_offices_clientlink SET company_id = company_id
    WHERE company_id = {company} AND state <> 'ended';
    RETURN NULL;
END
$$;
CREATE TRIGGER {name} AFTER {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
"""


def touchers() -> list[tuple[str, str]]:
    return [
        (
            TOUCH.format(name=f"{table}_touches_links_{number}", table=table, moment=moment, company=company),
            f"DROP TRIGGER {table}_touches_links_{number} ON {table};"
            f"DROP FUNCTION {table}_touches_links_{number}();",
        )
        for number, (table, moment, company) in enumerate(TOUCHERS, start=1)
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("accounting_offices", "0005_list_of_clients"),
        ("companies", "0005_contact_changes"),
        ("tokens", "0007_enquiries"),
    ]
    operations = [
        migrations.RunSQL(
            DESCRIBE,
            "DROP TRIGGER offices_clientlink_is_described ON accounting_offices_clientlink;"
            "DROP FUNCTION offices_clientlink_describe();",
        ),
        *(migrations.RunSQL(make, drop) for make, drop in touchers()),
    ]
