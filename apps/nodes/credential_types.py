"""The types of credentials: which values each has, which of them are secret, where they may go.

A type is a model of its values. Its JSON Schema makes the forms; what is marked `writeOnly` in it
is secret and is never shown again; what is marked `x-destination` says where the secrets go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from pydantic import AfterValidator, Field, model_validator

from apps.engine.errors import Fault
from apps.engine.items import Json
from apps.nodes.credential_values import (
    DESTINATION,
    HEADER_TOKEN,
    MAX_TEXT,
    CredentialValues,
    HeaderName,
    Hosts,
    Line,
    Secret,
    SecretPairs,
    SecretText,
    WebAddress,
    web_address,
)
from apps.nodes.params import literal_faults


class HttpBasic(CredentialValues):
    username: Line = Field(title="User name")
    password: Secret = Field(title="Password")
    allowed_hosts: Hosts = Field(default_factory=list)


class HttpBearer(CredentialValues):
    token: Secret = Field(title="Token", min_length=1)
    allowed_hosts: Hosts = Field(default_factory=list)


class HttpHeader(CredentialValues):
    name: HeaderName = Field(title="Header", examples=["X-API-Key"])
    value: Secret = Field(title="Value", min_length=1)
    allowed_hosts: Hosts = Field(default_factory=list)


class HttpHeaders(CredentialValues):
    headers: SecretPairs = Field(title="Headers")
    allowed_hosts: Hosts = Field(default_factory=list)

    @model_validator(mode="after")
    def _named(self) -> "HttpHeaders":
        for name in self.headers:
            if not HEADER_TOKEN.fullmatch(name):
                raise ValueError("headers: each name must be one of a header.")
        return self


class HttpQuery(CredentialValues):
    name: Line = Field(title="Parameter", min_length=1, examples=["api_key"])
    value: Secret = Field(title="Value", min_length=1)
    allowed_hosts: Hosts = Field(default_factory=list)


class OAuth2Client(CredentialValues):
    grant: Literal["client_credentials", "authorization_code"] = Field(
        "authorization_code",
        title="How it is given",
        description="By the program itself, or by a person who consents in the browser.",
    )
    authorize_url: WebAddress | None = Field(
        None,
        title="Authorization URL",
        description="Where the person consents.",
        json_schema_extra=DESTINATION,
    )
    token_url: WebAddress = Field(title="Token URL", json_schema_extra=DESTINATION)
    client_id: Line = Field(title="Client id", min_length=1)
    client_secret: Secret = Field("", title="Client secret")
    scope: Line = Field("", title="Scope", description="Several, with spaces between.")
    client_auth: Literal["header", "body"] = Field(
        "header", title="Where client id and secret are sent"
    )
    allowed_hosts: Hosts = Field(default_factory=list)

    @model_validator(mode="after")
    def _complete(self) -> "OAuth2Client":
        if self.grant == "authorization_code" and self.authorize_url is None:
            raise ValueError("authorize_url: a person needs a page to consent on.")
        if self.grant == "client_credentials" and not self.client_secret:
            raise ValueError("client_secret: without a person, the program needs a secret.")
        return self


class Smtp(CredentialValues):
    host: Line = Field(
        title="Host",
        min_length=1,
        examples=["mail.example.org"],
        json_schema_extra=DESTINATION,
    )
    port: int = Field(587, title="Port", ge=1, le=65_535, json_schema_extra=DESTINATION)
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        title="Encryption",
        description="starttls as a rule on port 587, tls on 465; none sends all in the clear.",
        json_schema_extra=DESTINATION,
    )
    username: Line = Field("", title="User name", description="Empty: no login.")
    password: Secret = Field("", title="Password")


class Imap(Smtp):
    port: int = Field(993, title="Port", ge=1, le=65_535, json_schema_extra=DESTINATION)
    security: Literal["starttls", "tls", "none"] = Field(
        "tls",
        title="Encryption",
        description="tls as a rule on port 993, starttls on 143; none sends all in the clear.",
        json_schema_extra=DESTINATION,
    )
    username: Line = Field(title="User name", min_length=1)


class Slack(CredentialValues):
    bot_token: Secret = Field("", title="Bot token", description="Begins with xoxb-.")
    webhook_url: Annotated[Secret, AfterValidator(lambda url: web_address(url) if url else url)] = (
        Field("", title="Incoming webhook URL")
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "Slack":
        if not (self.bot_token or self.webhook_url):
            raise ValueError("bot_token: a bot token or the URL of an incoming webhook is needed.")
        return self


class Postgres(CredentialValues):
    host: Line = Field(
        title="Host", min_length=1, examples=["db.example.org"], json_schema_extra=DESTINATION
    )
    port: int = Field(5432, title="Port", ge=1, le=65_535, json_schema_extra=DESTINATION)
    database: Line = Field(title="Database", min_length=1)
    user: Line = Field(title="User", min_length=1)
    password: Secret = Field("", title="Password")
    sslmode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = Field(
        "prefer",
        title="Encryption",
        description="As libpq names it; only verify-full makes sure who answers.",
        json_schema_extra=DESTINATION,
    )


class SigningKey(CredentialValues):
    secret: SecretText = Field("", title="Secret", description="Of HMAC, and HS256 to HS512.")
    private_key: SecretText = Field(
        "", title="Private key", description="In PEM. Signs and decrypts."
    )
    passphrase: Secret = Field("", title="Passphrase of the private key")
    public_key: Annotated[str, Field(max_length=4 * MAX_TEXT)] = Field(
        "",
        title="Public key",
        description="In PEM. Verifies and encrypts.",
        json_schema_extra={"x-widget": "text"},
    )

    @model_validator(mode="after")
    def _readable(self) -> "SigningKey":
        if not (self.secret or self.private_key or self.public_key):
            raise ValueError("secret: a secret or a key is needed.")
        try:
            if self.private_key:
                passphrase = self.passphrase.encode() or None
                load_pem_private_key(self.private_key.encode(), passphrase)
        except (ValueError, TypeError, UnicodeEncodeError):
            raise ValueError(
                "private_key: it is no private key in PEM that opens with this passphrase."
            ) from None
        try:
            if self.public_key:
                load_pem_public_key(self.public_key.encode())
        except (ValueError, UnicodeEncodeError):
            raise ValueError("public_key: it is no public key in PEM.") from None
        return self


class WebhookSecret(CredentialValues):
    secret: Secret = Field(title="Secret", min_length=1, description="That senders sign with.")
    previous_secret: Secret = Field(
        "",
        title="Previous secret",
        description="Accepted, too, while senders are changed over to the new one.",
    )


class Generic(CredentialValues):
    pairs: SecretPairs = Field(title="Names and values")


@dataclass(frozen=True)
class CredentialType:
    """A type of credentials."""

    id: str
    label: str
    model: type[CredentialValues]
    note: str
    trial: Literal["url", "service", "none"] = "none"
    """What it can be tried on: a URL that one says, the service that its values name."""
    added_secrets: tuple[str, ...] = ()
    """What the vault adds to the values at the moment of use, as secret as they are."""

    @property
    def secret_fields(self) -> tuple[str, ...]:
        """The fields whose values are secret; of `SecretPairs` the values alone."""
        return self._marked("writeOnly")

    def destination(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """What of these values says where the secrets may go, and how safely."""
        fields = self.model.model_fields
        return {
            name: values.get(name, fields[name].get_default(call_default_factory=True))
            for name in self._marked("x-destination")
        }

    def _marked(self, mark: str) -> tuple[str, ...]:
        extras = {name: info.json_schema_extra for name, info in self.model.model_fields.items()}
        return tuple(
            name for name, extra in extras.items() if isinstance(extra, dict) and extra.get(mark)
        )

    def faults(self, values: Mapping[str, Json]) -> list[Fault]:
        """What is wrong with values of this type; no message tells a value."""
        return literal_faults(self.model, values, code_fields=frozenset(), allow_templates=False)

    def secrets_of(self, values: Mapping[str, Json]) -> Iterator[str]:
        """The texts among these values that must not be seen anywhere."""
        for name in (*self.secret_fields, *self.added_secrets):
            value = values.get(name)
            yield from value.values() if isinstance(value, dict) else [value] if value else []

    def secret_names(self, values: Mapping[str, Json]) -> list[str]:
        """Which secrets there are: `password`, and of `SecretPairs` each by name, `pairs.key`."""
        return [name for name, _ in self.named_secrets(values)]

    def named_secrets(self, values: Mapping[str, Json]) -> Iterator[tuple[str, Any]]:
        """Each secret with its name; of `SecretPairs` the value may be empty."""
        for name in self.secret_fields:
            value = values.get(name)
            if isinstance(value, dict):
                yield from ((f"{name}.{key}", text) for key, text in value.items())
            elif value:
                yield name, value

    def public_part(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """The values that may be shown."""
        return {name: value for name, value in values.items() if name not in self.secret_fields}

    def describe(self) -> dict[str, Json]:
        """The entry of `GET /credential-types`."""
        return {
            "type": self.id,
            "label": self.label,
            "note": self.note,
            "trial": self.trial,
            "schema": self.model.model_json_schema(),
        }


_ALL = (
    CredentialType(
        "http_bearer",
        "HTTP bearer token",
        HttpBearer,
        "Sent as “Authorization: Bearer …”.",
        trial="url",
    ),
    CredentialType(
        "http_basic",
        "HTTP basic",
        HttpBasic,
        "User name and password of HTTP, as curl’s “-u”.",
        trial="url",
    ),
    CredentialType(
        "http_header", "HTTP header", HttpHeader, "One header with a secret value.", trial="url"
    ),
    CredentialType(
        "http_headers",
        "HTTP headers",
        HttpHeaders,
        "Several headers with secret values.",
        trial="url",
    ),
    CredentialType(
        "http_query",
        "HTTP query parameter",
        HttpQuery,
        "A secret in the URL. Other servers may log URLs: a header is better where there is one.",
        trial="url",
    ),
    CredentialType(
        "oauth2_client",
        "OAuth2",
        OAuth2Client,
        "Tokens are fetched, sent and renewed as needed.",
        trial="url",
        added_secrets=("access_token",),
    ),
    CredentialType("imap", "IMAP", Imap, "A mail server to read from.", trial="service"),
    CredentialType("smtp", "SMTP", Smtp, "A mail server to send through.", trial="service"),
    CredentialType(
        "slack",
        "Slack",
        Slack,
        "A bot’s token, or the URL of an incoming webhook.",
        trial="service",
    ),
    CredentialType(
        "postgres", "PostgreSQL", Postgres, "A database and who logs in.", trial="service"
    ),
    CredentialType(
        "signing_key", "Signing key", SigningKey, "For HMAC, signatures and JSON Web Tokens."
    ),
    CredentialType(
        "webhook_secret", "Webhook secret", WebhookSecret, "Verifies what services sign and send."
    ),
    CredentialType("generic", "Names and values", Generic, "Secrets of any other kind, by name."),
)
CREDENTIAL_TYPES: Mapping[str, CredentialType] = {type.id: type for type in _ALL}
