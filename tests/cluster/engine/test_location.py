from pathlib import Path

import pytest

from searchkit.cluster.opensearch.client import Location, credentials, location
from searchkit.errors import ConfigError
from tests.cases import cases


def test_one_server_and_several() -> None:
    found = location("opensearch:https://search.example:9201/news")
    assert found == Location(servers=("https://search.example:9201",), prefix="news")
    found = location("opensearch:http://127.0.0.1:9200,http://localhost,http://[::1]:9202/desk-2")
    assert found.servers == ("http://127.0.0.1:9200", "http://localhost:9200", "http://[::1]:9202")


@pytest.mark.parametrize(("engine", "message"), cases(__file__, "test_wrong_addresses"))
def test_wrong_addresses(engine: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        location(engine)


def test_no_password_in_an_address_and_none_in_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        location("opensearch:https://desk:hunter2@search.example:9200/news")
    assert "hunter2" not in str(caught.value)


def test_credentials(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    given = credentials(
        {"SEARCHKIT_OPENSEARCH_USER": "desk", "SEARCHKIT_OPENSEARCH_PASSWORD_FILE": str(tmp_path / "password")}
    )
    assert (given.user, given.password) == ("desk", "secret")
    assert "secret" not in repr(given)
    for name in ("SEARCHKIT_OPENSEARCH_PASSWORD_FILE", "SEARCHKIT_OPENSEARCH_CA_CERTS"):
        with pytest.raises(ConfigError, match=name):
            credentials({name: str(tmp_path / "nosuch")})
