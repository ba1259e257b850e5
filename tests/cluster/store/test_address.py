"""The address of a store in PostgreSQL."""

import pytest

from searchkit.cluster.postgres.address import parse
from searchkit.errors import ConfigError


def test_the_parts_of_an_address() -> None:
    address = parse("postgresql://desk@db.example:5433/news?schema=harbor&sslrootcert=/etc/ca.pem")
    assert (address.user, address.host, address.port) == ("desk", "db.example", 5433)
    assert (address.database, address.schema) == ("news", "harbor")
    assert str(parse(str(address))) == str(address)


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://db.example/news", "verify-full"),
        ("postgresql://db.example/news?sslmode=disable", "disable"),
        ("postgresql://127.0.0.1/news", None),
        ("postgresql:///news", None),
        ("postgresql:///news?host=/run/postgresql", None),
        ("postgresql://[::1]:5433/news", None),
        ("postgresql://10.0.0.7/news", "verify-full"),
    ],
)
def test_another_machine_must_show_a_certificate(url: str, mode: str | None) -> None:
    assert parse(url).connection_parameters().get("sslmode") == mode


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://desk:geheim@db.example/news", "has a password"),
        ("postgresql://desk@db.example/news?password=geheim", "has a password"),
        ("postgresql://db.example", "does not name a database|not one of PostgreSQL"),
        ("postgresql://db.example/a/b", "does not name a database|not one of PostgreSQL"),
        ("mysql://db.example/news", "does not name a database|not one of PostgreSQL"),
        ("postgresql://db.example:port/news", "does not name a database|not one of PostgreSQL"),
        ("postgresql://db.example/news?schema=public", "is not usable"),
        ("postgresql://db.example/news?schema=a%22b", "is not usable"),
        ("postgresql://db.example/news?options=-c%20fsync%3Doff", "Unknown parameter"),
        ("postgresql://[::1/news", "not one of PostgreSQL"),
    ],
)
def test_invalid_addresses(url: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as raised:
        parse(url)
    assert "geheim" not in str(raised.value)
    assert "\n" not in raised.value.message
