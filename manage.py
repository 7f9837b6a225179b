#!/usr/bin/env python
"""Django's command line. Without SECRET_KEY it finds what `make run` started for this DATA_DIR, keys included."""

import os
import sys


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not {"SECRET_KEY", "SECRET_KEY_FILE"} & os.environ.keys():
        from deploy.embedded import discover  # noqa: PLC0415 # production has no launcher

        try:
            os.environ.update(discover.environment(os.environ.get("DATA_DIR", "var")))
        except discover.NoEnginesRunning as error:
            sys.exit(str(error))
    from django.core.management import execute_from_command_line  # noqa: PLC0415 # after the environment is known

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
