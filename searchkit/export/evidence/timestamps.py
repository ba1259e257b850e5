"""Time stamps (RFC 3161): request one for the seal of an evidence file, and check one offline.

The authority receives the digest of the seal and nothing else. The program openssl makes the request and checks the
answer, because this is the program that auditors use, and it reads what real authorities send.
"""

import hashlib
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from searchkit.crawl.base import HttpOptions
from searchkit.crawl.web.address_guard import allowed_names
from searchkit.crawl.web.addresses import WebAddress, web_address
from searchkit.crawl.web.connections import posted
from searchkit.crawl.web.pages import FetchFailed
from searchkit.errors import ConfigError, InputError, UsageError
from searchkit.export.evidence.findings import TimestampReport
from searchkit.export.evidence.form import EvidenceTimestamp
from searchkit.statements.text import one_line

# A second at most; a signing device of an authority may take some.
REQUEST_SECONDS = 30.0
_PROGRAM_SECONDS = 20
_MAX_ANSWER = 262_144
_MAX_CERTIFICATES = 4_000_000
# Clocks differ by seconds.
_MAX_DIFFERENCE = timedelta(hours=1)
_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})
_PEM = re.compile(
    r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]{1,100000}-----END (?:TRUSTED )?CERTIFICATE-----"
)
_FIELD = re.compile(
    r"^(Status|Status description|Failure info|Policy OID|Serial number|Time stamp): (.{1,300})$", re.MULTILINE
)
_FRACTION = re.compile(r"\.\d{1,9}")
_SUBJECT = re.compile(r"^subject=(.{1,1000})$", re.MULTILINE)
_UNTRUSTED = "the certificate of its authority is not among those that you trust"
# What openssl prints about a failed verification, and what it means.
_REASONS = (
    ("message imprint mismatch", "it is the stamp of another file"),
    ("nonce mismatch", "it answers another request (wrong nonce)"),
    ("certificate has expired", "the certificate of its authority had expired at that time"),
    ("certificate is not yet valid", "the certificate of its authority was not valid yet at that time"),
    ("local issuer certificate", _UNTRUSTED),
    ("self-signed certificate", _UNTRUSTED),
    ("self signed certificate", _UNTRUSTED),
    ("certificate purpose", "the certificate of its authority is not for time stamps"),
    ("signer certificate not found", "it has no certificate of its authority"),
    ("signature", "its signature does not match"),
    ("policy mismatch", "it was made under another policy than requested"),
)


class TimestampRules(Struct, frozen=True, kw_only=True):
    """Which time stamps are accepted: `certificates` are those that the user trusts, in PEM (empty: none are set), and
    `policies` the policies that are accepted (empty: any)."""

    certificates: str = ""
    policies: tuple[str, ...] = ()


def authority_address(written: str) -> WebAddress:
    """Return the address of an authority. Raise UsageError if it is not a web address."""
    try:
        return web_address(written)
    except ValueError as error:
        raise UsageError(
            f'"{written}" is not the address of a time-stamp authority: {error}.',
            hint="Write it after QUERY, or set timestamp_authority in searchkit.toml.",
        ) from None


def require_program() -> str:
    """Return the path of the program openssl. Raise UsageError if it is missing."""
    program = shutil.which("openssl")
    if program is None:
        raise UsageError("Time stamps need the program openssl, which is not installed.", hint="Install openssl.")
    return program


def trusted_certificates(path: str) -> str:
    """Return the certificates in a file or in the files of a folder, in PEM. Raise ConfigError if there are none."""
    if not path:
        return ""
    place = Path(path)
    try:
        inside = sorted(place.iterdir()) if place.is_dir() else ()
        files = [file for file in inside if file.suffix.lower() in _SUFFIXES and file.is_file()]
        contents = [file.read_bytes()[:_MAX_CERTIFICATES] for file in (files if place.is_dir() else [place])]
    except OSError as error:
        reason = f"timestamp_certificates: {path} cannot be read: {error.strerror}."
        raise ConfigError(reason, hint="Check the setting.") from error
    found = [certificate for content in contents for certificate in _certificates(content)]
    if not found:
        reason = f"timestamp_certificates: {path} has no certificates."
        raise ConfigError(reason, hint="Save them as .pem, .crt, .cer or .der.")
    return "\n".join(found) + "\n"


def _certificates(content: bytes) -> Sequence[str]:
    written = _PEM.findall(content.decode("latin-1"))
    if written or not content.startswith(b"\x30"):
        return written
    return [ssl.DER_cert_to_PEM_cert(content)]


def request_timestamp(
    address: WebAddress, rules: TimestampRules, seal_line: bytes, *, now: datetime, seconds: float = REQUEST_SECONDS
) -> tuple[EvidenceTimestamp, TimestampReport]:
    """Return a time stamp of a seal, as the authority at an address gives it, and what it says. Raise InputError if it
    gives none, or one that is not accepted."""
    try:
        with _folder(seal_line, rules) as folder:
            _run(folder, "ts -query -data seal -sha256 -cert -out request")
            answer = _answer(address, (folder / "request").read_bytes(), seconds)
            stamp = _checked(folder, answer, rules, "-queryfile request")
    except FetchFailed as error:
        raise InputError(f"{address.host}: {error.reason}") from None
    except InputError as error:
        raise InputError(f"{address.host}: {error.message}") from None
    if abs(datetime.fromisoformat(stamp.at) - now) > _MAX_DIFFERENCE:
        raise InputError(f"{address.host}: its time, {stamp.at}, is not the time of this machine")
    written = EvidenceTimestamp(response=b64encode(answer).decode(), sha256=hashlib.sha256(answer).hexdigest())
    return written, stamp


def _answer(address: WebAddress, request: bytes, seconds: float) -> bytes:
    """Send a request; return the answer. Raise FetchFailed or InputError if there is none."""
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    allow = allowed_names([address.host])  # the user named it
    # Not even a contact is sent.
    options = HttpOptions(allow_hosts=tuple(allow), total_seconds=seconds, max_bytes=_MAX_ANSWER)
    with posted(address, request, headers, options) as response:
        status, answer = response.status, response.read(decode_content=False)
    if status != 200:
        raise InputError(f"HTTP {status}")
    return answer


def check_timestamp(written: EvidenceTimestamp, seal_line: bytes, rules: TimestampRules) -> TimestampReport:
    """Return what the time stamp of a seal says. Raise InputError, whose message is the reason, if it is not
    accepted."""
    try:
        answer = b64decode(written.response, validate=True)
    except ValueError:
        raise InputError("it is damaged (not Base64)") from None
    if hashlib.sha256(answer).hexdigest() != written.sha256:
        raise InputError("it is damaged (checksum mismatch)")
    with _folder(seal_line, rules) as folder:
        return _checked(folder, answer, rules, "-data seal")


def stamp_text(stamp: TimestampReport) -> str:
    """Return time, authority and policy in a line."""
    at = f"{datetime.fromisoformat(stamp.at):%Y-%m-%d %H:%M:%S} UTC"
    return f"{at} by {one_line(stamp.authority)} (policy {stamp.policy}, serial number {stamp.serial})"


@contextmanager
def _folder(seal_line: bytes, rules: TimestampRules) -> Iterator[Path]:
    """Yield a folder with the files `seal` and `trusted`, the trusted certificates."""
    require_program()
    with tempfile.TemporaryDirectory(prefix="searchkit-") as name:
        folder = Path(name)
        (folder / "seal").write_bytes(seal_line + b"\n")
        (folder / "trusted").write_text(rules.certificates)
        yield folder


def _run(folder: Path, arguments: str) -> tuple[bool, str]:
    """Return whether a command of openssl succeeds in a folder, and what it prints."""
    try:
        done = subprocess.run(
            [require_program(), *arguments.split()],
            check=False,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROGRAM_SECONDS,
            env={"PATH": os.defpath, "LC_ALL": "C", "OPENSSL_CONF": os.devnull},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"openssl cannot check it: {type(error).__name__}") from error
    return done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")


def _checked(folder: Path, answer: bytes, rules: TimestampRules, about: str) -> TimestampReport:
    """Check an answer about a seal or a request: signature, digest, nonce, policy, purpose of the certificate, and its
    chain at the time of the stamp."""
    (folder / "answer").write_bytes(answer)
    readable, printed = _run(folder, "ts -reply -in answer -text")
    fields = dict(_FIELD.findall(printed))
    if not readable or "Status" not in fields:
        raise InputError("what it sent is not a time stamp")
    if not fields["Status"].startswith("Granted"):
        stated = [fields.get(name, "unspecified") for name in ("Failure info", "Status description")]
        reason = next((reason for reason in stated if reason != "unspecified"), "without a reason")
        raise InputError(f"it refused: {one_line(reason)}")
    at = _time(fields.get("Time stamp", ""))
    policy = fields.get("Policy OID", "")
    if rules.policies and policy not in rules.policies:
        raise InputError(f"its policy {one_line(policy)} is not among timestamp_policies")
    _run(folder, "ts -reply -in answer -token_out -out token")
    matches, printed = _run(folder, "cms -verify -noverify -inform DER -in token -signer signer -out content")
    if not matches:
        raise InputError(_reason(printed, "its signature does not match"))
    chain = f"-CAfile {'trusted' if rules.certificates else 'signer'} -partial_chain -attime {int(at.timestamp())}"
    accepted, printed = _run(folder, f"ts -verify {about} -in answer {chain}")
    if not accepted:
        raise InputError(_reason(printed, "openssl does not accept it"))
    _, printed = _run(folder, "x509 -in signer -noout -subject -nameopt RFC2253,-esc_msb,utf8")
    subject = _SUBJECT.search(printed)
    return TimestampReport(
        at=at.isoformat(),
        authority=subject[1].strip() if subject else "an authority without a name",
        policy=policy,
        serial=fields.get("Serial number", ""),
        is_trusted=bool(rules.certificates),
    )


def _time(written: str) -> datetime:
    try:
        return datetime.strptime(_FRACTION.sub("", written), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    except ValueError:
        raise InputError("its time is not readable") from None


def _reason(printed: str, otherwise: str) -> str:
    return next((reason for sign, reason in _REASONS if sign in printed), otherwise)
