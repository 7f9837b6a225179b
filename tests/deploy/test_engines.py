import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from deploy.embedded import discover
from tests.deploy.launching import Launcher, children, command_line, descendants, is_alive, wait_until

Start = Callable[..., Launcher]


@pytest.fixture(scope="module")
def running(open_folder: Path) -> Iterator[Launcher]:
    """Engines that several tests look at and none changes."""
    launcher = Launcher(open_folder / "var").wait_until_ready()
    yield launcher
    launcher.clean_up()


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _postmaster(launcher: Launcher) -> int:
    return next(pid for pid in children(launcher.process.pid) if "/postgres -D" in command_line(pid))


def test_engines_start_from_an_empty_folder_and_answer(running: Launcher) -> None:
    with running.connect() as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("codabox_owner", "codabox")
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    with redis.Redis.from_url(running.engines["redis_url"]) as client:
        assert client.ping()
        assert client.config_get("append*")["appendonly"] == "yes"


def test_secrets_are_readable_by_their_owner_only(running: Launcher) -> None:
    assert _mode(running.data / "engines.json") == _mode(running.data / "secrets.json") == 0o600
    password = running.engines["redis_url"].split(":")[2].split("@")[0]
    assert not any(password in command_line(pid) for pid in descendants(running.process.pid))


def test_servers_refuse_whoever_brings_no_password(running: Launcher) -> None:
    address = running.engines["database_url"].split("@")[1].split("/")[0]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://codabox_app:wrong@{address}/codabox")
    port = int(running.engines["redis_url"].split(":")[-1].split("/")[0])
    with redis.Redis(port=port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_the_application_role_owns_nothing_and_passes_no_row_security(running: Launcher) -> None:
    roles = (
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname ~ '^codabox'"
    )
    owned = "SELECT count(*) FROM pg_shdepend WHERE deptype = 'o' AND refobjid = 'codabox_app'::regrole"
    with running.connect("database_url") as connection:
        assert sorted(connection.execute(roles).fetchall()) == [
            ("codabox_app", False, False, False, False),
            ("codabox_owner", False, False, True, False),
        ]
        assert connection.execute(owned).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_the_owner_creates_tables_and_databases(running: Launcher) -> None:
    with running.connect() as connection:
        connection.execute("CREATE DATABASE of_a_test_run")
        connection.execute("DROP DATABASE of_a_test_run")
        connection.execute("CREATE TABLE a_table (id int)")
        connection.execute("DROP TABLE a_table")


def test_another_terminal_finds_the_engines(running: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "TOKEN_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", "the caller's own")

    found = discover.environment(running.data)

    assert found["DATABASE_URL"] == running.engines["database_url"]
    assert found["REDIS_URL"] == running.engines["redis_url"]
    assert found["DATA_DIR"] == str(running.data)
    assert "TOKEN_KEY" in found
    assert "SECRET_KEY" not in found


def test_another_terminal_is_told_in_one_line_that_none_run(tmp_path: Path) -> None:
    (tmp_path / "engines.json").write_text("{}")  # of a launcher that was killed hard
    (tmp_path / "launcher.lock").touch()
    with pytest.raises(discover.NoEnginesRunning, match=r"^No engines are running for DATA_DIR=.*make run.*\.$"):
        discover.environment(tmp_path)


def test_a_second_start_on_the_same_folder_is_refused_in_one_line(running: Launcher, start: Start) -> None:
    before = running.engines
    running.said_in.rename(running.said_in.with_suffix(".first"))
    second = start(running.data)

    assert second.process.wait(20) == 1
    assert second.said.count("\n") == 1
    assert f"already running (pid {running.process.pid})" in second.said
    assert running.engines == before


def test_two_run_side_by_side_and_an_interrupted_one_keeps_what_was_written(
    running: Launcher, start: Start, open_folder: Path
) -> None:
    other = start(open_folder / "other").wait_until_ready()
    started = descendants(other.process.pid)
    with other.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with running.connect() as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT answer FROM kept")

    assert other.interrupt() == 0
    assert not [pid for pid in started if is_alive(pid)]
    assert not (other.data / "engines.json").exists()
    assert running.process.poll() is None
    with start(other.data).wait_until_ready().connect() as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_servers_and_launchers_that_are_killed_come_back_with_what_was_written(start: Start, open_folder: Path) -> None:
    launcher = start(open_folder / "killed").wait_until_ready()
    with launcher.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    # PostgreSQL alone: it returns to the address that everybody knows.
    os.kill(_postmaster(launcher), signal.SIGKILL)
    wait_until(lambda: "starting it again" in launcher.said, "the launcher noticed")
    wait_until(lambda: _keeps_what_was_written(launcher), "PostgreSQL is back")

    # PostgreSQL and then the launcher: the other server ends with it, and the next start recovers.
    started, postmaster = descendants(launcher.process.pid), _postmaster(launcher)
    launcher.process.send_signal(signal.SIGSTOP)
    os.kill(postmaster, signal.SIGKILL)
    _kill_and_start_again(launcher, start, started)


def test_a_launcher_that_is_killed_leaves_no_process_and_no_lock(start: Start, open_folder: Path) -> None:
    launcher = start(open_folder / "orphaned").wait_until_ready()
    with launcher.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    started = descendants(launcher.process.pid)
    assert len(started) > 5

    _kill_and_start_again(launcher, start, started)


def _kill_and_start_again(launcher: Launcher, start: Start, started: list[int]) -> None:
    launcher.kill()
    (launcher.data / "engines.json").unlink()
    again = start(launcher.data).wait_until_ready()
    wait_until(lambda: not [pid for pid in started if is_alive(pid)], "all processes of the first are gone", 10)
    assert _keeps_what_was_written(again)


def _keeps_what_was_written(launcher: Launcher) -> bool:
    try:
        with launcher.connect() as connection:
            return connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    except psycopg.OperationalError:
        return False


@pytest.mark.usefixtures("as_root")
def test_engines_move_when_their_user_cannot_reach_the_folder(start: Start, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    first = start(tmp_path / "var").wait_until_ready()
    elsewhere = Path((first.data / "relocated").read_text().splitlines()[0])
    with first.connect() as connection:
        connection.execute("CREATE TABLE kept (id int)")
    assert first.interrupt() == 0
    assert elsewhere.stat().st_uid == 0
    assert _mode(elsewhere) == 0o711
    assert _mode(tmp_path) == 0o700

    again = start(first.data).wait_until_ready()
    with again.connect() as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert again.interrupt() == 0

    shutil.rmtree(first.data)
    with start(first.data).wait_until_ready().connect() as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT count(*) FROM kept")


@pytest.mark.usefixtures("as_root")
def test_an_ordinary_user_runs_the_engines_as_themselves(start: Start, open_folder: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    shutil.chown(home, "nobody")
    # The capability to read everything: the Python of the test run may lie below root's home.
    rights = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
    prefix = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *rights)
    launcher = start(home / "var", prefix=prefix).wait_until_ready()

    owner = home.stat().st_uid
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in descendants(launcher.process.pid)} == {owner}
    assert (launcher.data / "postgres").stat().st_uid == owner
    assert launcher.interrupt() == 0
