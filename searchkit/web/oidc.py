"""Log in at an OpenID Connect provider: authorization code flow with PKCE. Needs the extra `oidc`.

What a login has to remember is in a signed cookie of the browser that began it, so a login ends where it began and
strangers cannot fill the memory of the server.
"""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from searchkit.errors import UsageError, reason_of
from searchkit.web.log import log
from searchkit.web.rules import Provider

LOGIN_SECONDS = 600
_TIMEOUT_SECONDS = 10.0
_LEEWAY_SECONDS = 60
# Signatures with a public key; others could be made by whoever knows the client secret, or by anyone ("none").
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
_FAULTS = (AuthlibBaseError, JoseError, httpx2.HTTPError, KeyError, TypeError, ValueError)


class ProviderLogin:
    """Logins at one provider."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._key = secrets.token_bytes(32)
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    async def start(self, callback: str, place: str) -> tuple[str, str]:
        """Return the address at the provider to send the browser to, and the cookie that it needs to come back.
        UsageError if the provider does not answer."""
        attempt = {
            "state": secrets.token_urlsafe(24),
            "nonce": secrets.token_urlsafe(24),
            "verifier": secrets.token_urlsafe(48),
            "place": place,
            "ends": time.time() + LOGIN_SECONDS,
        }
        try:
            async with self._client(callback) as client:
                metadata = await self._discovered(client)
                address, _ = client.create_authorization_url(
                    metadata["authorization_endpoint"],
                    state=attempt["state"],
                    nonce=attempt["nonce"],
                    code_verifier=attempt["verifier"],
                )
        except _FAULTS as error:
            raise self._failed(error) from error
        return address, self._signed(attempt)

    async def finish(self, callback: str, cookie: str, given: Mapping[str, str]) -> tuple[str, str]:
        """Return the name of the user, and the place where the login began. UsageError if the login failed.

        The name is the mail address if the provider has verified it, otherwise the provider's own id of the user."""
        attempt = self._verified(cookie)
        if attempt is None or not hmac.compare_digest(attempt["state"].encode(), given.get("state", "").encode()):
            raise UsageError("This login was not begun in this browser, or took too long.", hint="Log in again.")
        if given.get("iss", self._provider.issuer).rstrip("/") != self._provider.issuer or not given.get("code"):
            raise UsageError(f"{self._host} refused the login.", hint="Log in again.")
        try:
            async with self._client(callback) as client:
                metadata = await self._discovered(client)
                client.token_endpoint_auth_method = self._method(metadata)
                token = await client.fetch_token(
                    metadata["token_endpoint"], code=given["code"], code_verifier=attempt["verifier"]
                )
                claims = await self._claims(client, token, attempt["nonce"])
                if "email" not in claims and "userinfo_endpoint" in metadata:
                    answer = await client.get(metadata["userinfo_endpoint"])
                    about = answer.raise_for_status().json()
                    claims = about if about["sub"] == claims["sub"] else claims
            is_verified = claims.get("email_verified") is True and "@" in claims.get("email", "")
            return str(claims["email"] if is_verified else claims["sub"]), attempt["place"]
        except _FAULTS as error:
            raise self._failed(error) from error

    @property
    def _host(self) -> str:
        return urlsplit(self._provider.issuer).hostname or ""

    def _client(self, callback: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._provider.client,
            self._provider.secret or None,
            scope="openid email",
            redirect_uri=callback,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
        )

    def _method(self, metadata: Mapping[str, Any]) -> str:
        if not self._provider.secret:
            return "none"
        supported = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"

    async def _discovered(self, client: AsyncOAuth2Client) -> Mapping[str, Any]:
        if self._metadata is None:
            metadata = await _fetched(client, f"{self._provider.issuer}/.well-known/openid-configuration")
            if metadata["issuer"].rstrip("/") != self._provider.issuer:
                raise ValueError(f"the issuer is {metadata['issuer']}")
            self._metadata = metadata
        return self._metadata

    async def _claims(self, client: AsyncOAuth2Client, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Return the claims of an ID token whose signature, issuer, audience, time and nonce are right."""
        metadata = await self._discovered(client)
        if self._keys is None:
            self._keys = KeySet.import_key_set(await _fetched(client, metadata["jwks_uri"]))
        try:
            decoded = jwt.decode(token["id_token"], self._keys, algorithms=_ALGORITHMS)
        except InvalidKeyIdError:  # the provider has new keys
            self._keys = KeySet.import_key_set(await _fetched(client, metadata["jwks_uri"]))
            decoded = jwt.decode(token["id_token"], self._keys, algorithms=_ALGORITHMS)
        checked = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._provider.client},
                "exp": {"essential": True},
                "sub": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            {"nonce": nonce, "client_id": self._provider.client, "access_token": token.get("access_token")},
        )
        checked.validate(leeway=_LEEWAY_SECONDS)
        return dict(checked)

    def _signed(self, attempt: Mapping[str, Any]) -> str:
        content = base64.urlsafe_b64encode(json.dumps(attempt).encode()).decode()
        return f"{content}.{self._signature(content)}"

    def _verified(self, cookie: str) -> dict[str, Any] | None:
        content, _, signature = cookie.partition(".")
        if not hmac.compare_digest(self._signature(content).encode(), signature.encode()):
            return None
        attempt: dict[str, Any] = json.loads(base64.urlsafe_b64decode(content))
        return attempt if attempt["ends"] > time.time() else None

    def _signature(self, content: str) -> str:
        return hmac.digest(self._key, content.encode(), "sha256").hex()

    def _failed(self, error: Exception) -> UsageError:
        log(f"login at {self._host}: {reason_of(error)}")
        return UsageError(f"The login at {self._host} failed.", hint="Log in again; the server's log has the reason.")


async def _fetched(client: AsyncOAuth2Client, address: str) -> Any:
    answer = await client.request("GET", address, withhold_token=True)
    return answer.raise_for_status().json()
