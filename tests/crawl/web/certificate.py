"""A certificate for ledger.example that only these tests trust, and its key; good until 2120.

Made for the tests; the key protects nothing. Made with:

    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -not_before 20200101000000Z \\
        -not_after 21200101000000Z -subj /CN=ledger.example -addext subjectAltName=DNS:ledger.example \\
        -addext keyUsage=critical,digitalSignature,keyCertSign
"""

import ssl
from pathlib import Path

_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWTiHcsWCWTh6K2yv
PtA0d5Dt1eDeHoewDZjpScaU6pahRANCAAQqGeuXVEzbr54gSvzPd1+NV/fU5nJ/
MdCRa3XaS2gn362LQY7+IKKPxjUSoNykEmvwL3cf4MxcCiab3va+UK5f
-----END PRIVATE KEY-----
"""
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBtDCCAVqgAwIBAgIUBaEA/3DKY2wohMVfSOk94s8p19QwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwObGVkZ2VyLmV4YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
MDAxMDEwMDAwMDBaMBkxFzAVBgNVBAMMDmxlZGdlci5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEKhnrl1RM26+eIEr8z3dfjVf31OZyfzHQkWt12kto
J9+ti0GO/iCij8Y1EqDcpBJr8C93H+DMXAomm972vlCuX6N+MHwwHQYDVR0OBBYE
FD6vFKk/hQ2ChYbsJJEJGg0fm6QeMB8GA1UdIwQYMBaAFD6vFKk/hQ2ChYbsJJEJ
Gg0fm6QeMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIObGVkZ2VyLmV4YW1w
bGUwDgYDVR0PAQH/BAQDAgKEMAoGCCqGSM49BAMCA0gAMEUCIQDEJApOhUeGw0gM
EXpmxhqULPx1ISTQEXhjnvAbnV04NAIgSfnM63BPT8y6+qMlGDuMUcqoVODTQV4Q
aCNVSmfAfOk=
-----END CERTIFICATE-----
"""


def serving(folder: Path) -> ssl.SSLContext:
    """What a server needs to show the certificate; `folder` is for a file that it is read from."""
    both = folder / "ledger.pem"
    both.write_text(_KEY + CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def trusting() -> ssl.SSLContext:
    """What a client needs to trust this certificate and no other."""
    return ssl.create_default_context(cadata=CERTIFICATE)
