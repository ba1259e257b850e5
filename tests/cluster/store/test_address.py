"""The address of a store in PostgreSQL."""

import pytest

from searchkit.cluster.postgres.address import parse
from searchkit.errors import ConfigError
from tests.cases import cases


def test_the_parts_of_an_address() -> None:
    address = parse("postgresql://desk@db.example:5433/news?schema=harbor&sslrootcert=/etc/ca.pem")
    assert (address.user, address.host, address.port) == ("desk", "db.example", 5433)
    assert (address.database, address.schema) == ("news", "harbor")
    assert str(parse(str(address))) == str(address)


@pytest.mark.parametrize(("url", "mode"), cases(__file__, "test_another_machine_must_show_a_certificate"))
def test_another_machine_must_show_a_certificate(url: str, mode: str | None) -> None:
    assert parse(url).connection_parameters().get("sslmode") == mode


@pytest.mark.parametrize(("url", "reason"), cases(__file__, "test_invalid_addresses"))
def test_invalid_addresses(url: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as raised:
        parse(url)
    assert "geheim" not in str(raised.value)
    assert "\n" not in raised.value.message
