"""`python -m tests.conformance`: one line a package, and nothing else, on standard output; 1 when any failed."""

import os
import sys
import tempfile
from pathlib import Path

import django

from tests.journeys.instances import running_instance


def main() -> int:
    """Start an instance, let all packages walk, and say how it went."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    # What makes documents needs settings, which stand only now.
    from tests.conformance.drive import line_of, walk_all

    with (
        tempfile.TemporaryDirectory(prefix="codabox-") as folder,
        running_instance(Path(folder) / "data") as instance,
    ):
        walks = walk_all(instance)
    sys.stdout.write("".join(f"{line_of(walk)}\n" for walk in walks))
    return 0 if all(walk.is_ok for walk in walks) else 1


if __name__ == "__main__":
    sys.exit(main())
