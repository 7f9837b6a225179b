from pathlib import Path

import pytest

from config import env


@pytest.mark.parametrize(("text", "value"), [("1", True), ("yes", True), ("0", False), ("Off", False), ("", True)])
def test_yes_and_no_are_read(text: str, value: bool) -> None:
    assert env.read_bool("X", default=True, environ={"X": text}) is value


@pytest.mark.parametrize("text", ["maybe", "2", "ja"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(env.MalformedSetting, match="neither yes nor no"):
        env.read_bool("X", default=True, environ={"X": text})


@pytest.mark.parametrize("text", ["ten", "1.5", "0", "91"])
def test_a_number_that_is_none_or_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(env.MalformedSetting):
        env.read_int("X", 14, at_least=1, at_most=90, environ={"X": text})


def test_a_secret_has_no_default_and_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")

    with pytest.raises(env.MalformedSetting, match="X is not set"):
        env.read_secret("X", {})
    with pytest.raises(env.MalformedSetting, match="cannot be read"):
        env.read_secret("X", {"X_FILE": str(tmp_path / "nothing")})
    assert env.read_secret("X", {"X_FILE": str(tmp_path / "secret")}) == "hush"


def test_a_folder_must_hold_what_it_is_named_for(tmp_path: Path) -> None:
    with pytest.raises(env.MalformedSetting, match=r"no folder that holds \*\.xslt or \*\.xsl"):
        env.read_folder("X", holding=("*.xslt", "*.xsl"), environ={"X": str(tmp_path)})
    (tmp_path / "rules.xsl").touch()

    assert env.read_folder("X", holding=("*.xslt", "*.xsl"), environ={"X": str(tmp_path)}) == tmp_path
    assert env.read_folder("X", holding=("*.xsl",), environ={}) is None


@pytest.mark.parametrize("url", ["", "mysql://a/b", "postgresql://host", "postgresql://host:port/name"])
def test_a_database_url_that_names_none_is_refused(url: str) -> None:
    with pytest.raises(env.MalformedSetting):
        env.read_database("X", {"X": url})


def test_a_database_url_is_read_with_its_socket_and_escapes() -> None:
    settings = env.read_database("X", {"X": "postgresql://us%40er:p%2Fw@/name?host=/run/pg&sslmode=require"})

    assert (settings["USER"], settings["PASSWORD"], settings["HOST"]) == ("us@er", "p/w", "/run/pg")
    assert (settings["NAME"], settings["OPTIONS"]) == ("name", {"sslmode": "require"})


@pytest.mark.parametrize("url", ["", "http://localhost", "unix:///run/redis.sock"])
def test_a_redis_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(env.MalformedSetting):
        env.read_redis("X", {"X": url})


BUCKET = {"BLOB_BUCKET": "papers", "BLOB_ACCESS_KEY_ID": "key", "BLOB_SECRET_ACCESS_KEY": "hush"}


def test_a_bucket_is_used_only_when_it_is_named_and_whole() -> None:
    assert env.read_bucket({}) is None
    assert env.read_bucket(BUCKET | {"BLOB_ENDPOINT": "https://s3.example/"}) == {
        "bucket": "papers",
        "endpoint": "https://s3.example",
        "region": "eu-central-1",
        "access_key_id": "key",
        "secret_access_key": "hush",
        "timeout_seconds": 20,
    }


@pytest.mark.parametrize(
    "wrong",
    [{"BLOB_ENDPOINT": "s3.example"}, {"BLOB_SECRET_ACCESS_KEY": ""}, {"BLOB_TIMEOUT_SECONDS": "0"}],
)
def test_a_bucket_that_is_half_set_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(env.MalformedSetting, match="BLOB_"):
        env.read_bucket(BUCKET | wrong)
