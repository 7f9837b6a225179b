"""The application role may read and write rows of every table that a migration makes, and own nothing."""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ROWS = "SELECT, INSERT, UPDATE, DELETE"


def grant(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = _application_role(schema_editor)
    if role is None:
        return
    schema_editor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    schema_editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {ROWS} ON TABLES TO {role}")
    schema_editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}")
    schema_editor.execute(f"GRANT {ROWS} ON ALL TABLES IN SCHEMA public TO {role}")
    schema_editor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    schema_editor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")


def revoke(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = _application_role(schema_editor)
    if role is None:
        return
    schema_editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {role}")
    schema_editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {role}")
    schema_editor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
    schema_editor.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")


def _application_role(schema_editor: BaseDatabaseSchemaEditor) -> str | None:
    """The quoted role of DATABASE_URL, or nothing when the owner is the application itself."""
    role = settings.DATABASES["default"]["USER"]
    if role == settings.DATABASES["owner"]["USER"]:
        return None
    return schema_editor.quote_name(role)


class Migration(migrations.Migration):
    initial = True
    run_before = [("contenttypes", "0001_initial"), ("users", "0001_initial"), ("events", "0001_initial")]
    dependencies = []
    operations = [migrations.RunPython(grant, revoke)]
