"""Time stamps of a local authority, and everything that may be wrong with one."""

import hashlib
import re
import socket
import ssl
import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.crawl.web.politeness import user_agent
from searchkit.errors import ConfigError, InputError, UsageError
from searchkit.export.evidence.findings import TimestampReport
from searchkit.export.evidence.form import EvidenceTimestamp
from searchkit.export.evidence.timestamps import (
    TimestampRules,
    authority_address,
    check_timestamp,
    request_timestamp,
    stamp_text,
    trusted_certificates,
)
from tests.cases import cases
from tests.export.evidence.authority import POLICY, TimestampAuthority

pytestmark = pytest.mark.slow  # each test runs openssl
SEAL = b'{"schema": "searchkit.evidence-end/2", "statements": 2}'


@pytest.fixture
def rules(authority: TimestampAuthority) -> TimestampRules:
    """The rules of a user who trusts the authority."""
    return TimestampRules(certificates=trusted_certificates(str(authority.root)))


def requested(
    authority: TimestampAuthority, name: str = "stamps", *, rules: TimestampRules, now: datetime | None = None
) -> tuple[EvidenceTimestamp, TimestampReport]:
    """The time stamp that an authority gives."""
    address = authority_address(authority.url(name))
    return request_timestamp(address, rules, SEAL, now=now or datetime.now(UTC), seconds=0.5 if name == "slow" else 20)


def test_a_stamp_is_requested_and_checked_offline(authority: TimestampAuthority, rules: TimestampRules) -> None:
    authority.seen.clear()
    line, stamp = requested(authority, rules=rules)
    assert abs(datetime.fromisoformat(stamp.at) - datetime.now(UTC)) < timedelta(minutes=1)
    assert (stamp.authority, stamp.policy, stamp.is_trusted) == ("CN=Velmar Time stamps", POLICY, True)
    assert re.fullmatch(
        r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC by CN=Velmar Time stamps \(policy 1\.2\.3\.4, serial number 0x\w{1,9}\)",
        stamp_text(stamp),
    )
    # The digest leaves the machine, and nothing else of the file.
    ((_, request, headers),) = authority.seen
    assert hashlib.sha256(SEAL + b"\n").digest() in request
    assert b"searchkit" not in request
    assert len(request) < 90
    assert headers["content-type"] == "application/timestamp-query"
    assert {*headers} == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "content-type",
        "content-length",
        "connection",
    }
    assert headers["user-agent"] == user_agent("")
    assert check_timestamp(line, SEAL, rules) == stamp
    # Without trusted certificates, it is a stamp of somebody.
    assert check_timestamp(line, SEAL, TimestampRules()) == replace(stamp, is_trusted=False)
    # To trust the certificate of the authority itself is enough.
    own = trusted_certificates(str(authority.root.with_name("stamps.pem")))
    assert check_timestamp(line, SEAL, TimestampRules(certificates=own)) == stamp
    assert check_timestamp(line, SEAL, replace(rules, policies=("1.9", POLICY))) == stamp


def test_a_stamp_is_not_accepted_for_another_file_policy_or_root(
    authority: TimestampAuthority, rules: TimestampRules
) -> None:
    line, _ = requested(authority, rules=rules)
    other = TimestampRules(certificates=trusted_certificates(str(authority.root.with_name("other.pem"))))
    answer = bytearray(b64decode(line.response))
    answer[-8] ^= 1  # the end of the signature
    forged = EvidenceTimestamp(response=b64encode(answer).decode(), sha256=hashlib.sha256(answer).hexdigest())
    for written, seal, accepted, reason in (
        (line, SEAL + b" ", rules, "it is the stamp of another file"),
        (line, SEAL, other, "the certificate of its authority is not among those that you trust"),
        (line, SEAL, replace(rules, policies=("1.9",)), "its policy 1.2.3.4 is not among timestamp_policies"),
        (forged, SEAL, rules, "its signature does not match"),
        (forged, SEAL, TimestampRules(), "its signature does not match"),
        (replace(line, sha256="0" * 64), SEAL, rules, "it is damaged (checksum mismatch)"),
        (replace(line, response="%" + line.response), SEAL, rules, "it is damaged (not Base64)"),
    ):
        with pytest.raises(InputError) as refused:
            check_timestamp(written, seal, accepted)
        assert refused.value.message == reason


@pytest.mark.parametrize(("name", "reason"), cases(__file__, "test_an_authority_that_misbehaves_gives_one_line"))
def test_an_authority_that_misbehaves_gives_one_line(
    authority: TimestampAuthority, rules: TimestampRules, name: str, reason: str
) -> None:
    authority.about = SEAL + b"\n"
    started = time.monotonic()
    with pytest.raises(InputError) as refused:
        requested(authority, name, rules=rules)
    assert time.monotonic() - started < 30
    host, _, given = refused.value.message.partition(": ")
    assert host == "127.0.0.1"
    assert given in reason.split("|")


def test_a_time_that_is_not_now_is_refused(authority: TimestampAuthority, rules: TimestampRules) -> None:
    for days in (-1, 1):
        with pytest.raises(InputError, match="is not the time of this machine"):
            requested(authority, rules=rules, now=datetime.now(UTC) + timedelta(days=days))


def test_a_policy_that_is_not_accepted(authority: TimestampAuthority, rules: TimestampRules) -> None:
    _, stamp = requested(authority, "policy", rules=rules)
    assert stamp.policy == "1.2.3.5"
    with pytest.raises(InputError, match=r"its policy 1\.2\.3\.5 is not among timestamp_policies"):
        requested(authority, "policy", rules=replace(rules, policies=(POLICY,)))


def test_an_authority_that_is_not_there(rules: TimestampRules) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    address = authority_address(f"http://127.0.0.1:{port}/")
    with pytest.raises(InputError, match=r"^127\.0\.0\.1: connection refused$"):
        request_timestamp(address, rules, SEAL, now=datetime.now(UTC))
    for written in ("ftp://stamps.example/", "Tiandy", "http://"):
        with pytest.raises(UsageError, match="is not the address of a time-stamp authority"):
            authority_address(written)


def test_a_stamp_stays_valid_after_its_certificate_expired(authority: TimestampAuthority) -> None:
    """The chain is checked at the time of the stamp, not at the time of the check."""
    authority.certify("short", seconds=2)
    rules = TimestampRules(certificates=trusted_certificates(str(authority.root)))
    line, stamp = requested(authority, "short", rules=rules)
    time.sleep(2.5)
    assert check_timestamp(line, SEAL, rules) == stamp
    with pytest.raises(InputError, match="had expired at that time"):
        requested(authority, "short", rules=rules)


def test_no_flipped_bit_of_a_stamp_is_accepted(authority: TimestampAuthority, rules: TimestampRules) -> None:
    line, _ = requested(authority, rules=rules)
    answer = b64decode(line.response)
    for place in range(0, len(answer), 97):
        changed = bytearray(answer)
        changed[place] ^= 1 << place % 8
        with pytest.raises(InputError) as refused:
            check_timestamp(replace(line, response=b64encode(changed).decode()), SEAL, rules)
        assert "\n" not in refused.value.message


def test_trusted_certificates_are_read_from_files_and_folders(authority: TimestampAuthority, tmp_path: Path) -> None:
    pem = authority.root.read_text()
    (tmp_path / "a.pem").write_text(f"some words\n{pem}and more\n{pem}")
    (tmp_path / "b.DER").write_bytes(ssl.PEM_cert_to_DER_cert(pem))
    (tmp_path / "readme.txt").write_text(pem)
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    assert trusted_certificates(str(tmp_path)).count("BEGIN CERTIFICATE") == 3
    assert trusted_certificates(str(tmp_path / "readme.txt")).count("BEGIN CERTIFICATE") == 1
    assert trusted_certificates("") == ""
    for name, reason in (("none.pem", "cannot be read"), ("key.pem", "has no certificates")):
        with pytest.raises(ConfigError, match=reason):
            trusted_certificates(str(tmp_path / name))


def test_without_openssl_nothing_is_requested(
    authority: TimestampAuthority, rules: TimestampRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="need the program openssl, which is not installed"):
        requested(authority, rules=rules)
