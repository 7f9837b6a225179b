"""`python -m deploy.embedded run | engines | test [PYTEST ARGUMENTS] | exec -- COMMAND`."""

import signal
import sys

from deploy.embedded import launcher, lifeline
from deploy.embedded.folders import EmbeddedError
from deploy.embedded.patience import StopRequested, StopSignals

_USAGE = """\
Usage: python -m deploy.embedded [--stop-with-parent] COMMAND
  run               engines, web, worker and beat        (environment: PORT, DATA_DIR)
  engines           nothing but the engines              (environment: DATA_DIR)
  test [ARGUMENT…]  pytest, on engines of its own
  exec -- COMMAND…  a command, on migrated engines of its own
DATABASE_URL and REDIS_URL each replace an engine."""


def main(arguments: list[str]) -> int:
    """Run what is asked for; one clear line when it cannot be."""
    stop = StopSignals()
    stop.install()
    if arguments[:1] == ["--stop-with-parent"]:
        # Killed hard, make must not leave us behind.
        lifeline.die_with_parent(signal.SIGTERM)
        arguments = arguments[1:]
    try:
        return _dispatch(arguments, stop)
    except StopRequested:
        print("Everything is stopped.", flush=True)
        return 0 if arguments[0] in {"run", "engines"} else 130
    except EmbeddedError as error:
        print(error, file=sys.stderr, flush=True)
        return 1


def _dispatch(arguments: list[str], stop: StopSignals) -> int:
    match arguments:
        case ["run"]:
            return launcher.run(stop)
        case ["engines"]:
            return launcher.only_engines(stop)
        case ["test", *rest]:
            return launcher.test(rest, stop)
        case ["exec", "--", program, *rest]:
            return launcher.execute([program, *rest], stop)
        case _:
            print(_USAGE, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
