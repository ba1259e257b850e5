"""A certificate for ledger.example that only these tests trust, and its key (ledger.pem); good until 2120.

Made for the tests; the key protects nothing. Made with:

    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -not_before 20200101000000Z \\
        -not_after 21200101000000Z -subj /CN=ledger.example -addext subjectAltName=DNS:ledger.example \\
        -addext keyUsage=critical,digitalSignature,keyCertSign
"""

import ssl
from pathlib import Path

_FILE = Path(__file__).with_name("ledger.pem")


def serving() -> ssl.SSLContext:
    """What a server needs to show the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_FILE)
    return context


def trusting() -> ssl.SSLContext:
    """What a client needs to trust this certificate and no other."""
    return ssl.create_default_context(cafile=str(_FILE))
