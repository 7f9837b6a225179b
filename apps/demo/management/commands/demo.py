"""`manage.py demo`: the demo world, loaded once, described for people or scripts."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.demo.services import DemoNotAllowed, describe_demo, load_demo


class Command(BaseCommand):
    """Loads the demo world and says who can sign in with what."""

    help = "Load the demo world (embedded default only); running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--json`."""
        parser.add_argument("--json", action="store_true", help="print the demo world as one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load and describe."""
        try:
            load_demo(now=clock.now())
        except DemoNotAllowed as error:
            raise CommandError(str(error)) from error
        world = describe_demo()
        self.stdout.write(json.dumps(world, indent=2) if options["json"] else _for_people(world))


def _for_people(world: dict[str, Any]) -> str:
    ready = [company for company in world["companies"] if company["scenario"] == "ready"]
    lines = [
        f"Portal    {world['base_url']}/",
        f"Mailbox   {world['base_url']}/mailbox/",
        f"Admin     {world['base_url']}/admin/",
        f"API       {world['base_url']}/v2/",
        "",
        f"Sign in with the password {world['logins'][0]['password']} as",
        *(f"  {login['role']:8} {login['email']}" for login in world["logins"][:5]),
        "",
        "Software keys (header X-Software-Company)",
        *(f"  {software['name']:16} {software['key']}" for software in world["software"]),
        "",
        "Companies that are ready to connect",
        *(f"  {company['enterprise_number']}  {company['name']}" for company in ready),
        "",
        "Everything, for scripts: .venv/bin/python manage.py demo --json",
    ]
    return "\n".join(lines)
