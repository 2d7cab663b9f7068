"""The parameters of a webhook."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from apps.engine.items import Json
from apps.nodes.formats.tokens import Algorithm as TokenAlgorithm
from apps.nodes.params import ParamsModel, when
from apps.nodes.webhooks.deduplication import DAY_S, plain_key
from apps.nodes.webhooks.origins import plain_network, plain_origin
from apps.nodes.webhooks.paths import hook_path
from apps.nodes.webhooks.signatures import Algorithm, Encoding

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
Authentication = Literal[
    "none",
    "basic",
    "header",
    "jwt",
    "github",
    "stripe",
    "slack",
    "standard_webhooks",
    "hmac",
]
_CREDENTIALS = {
    "none": (),
    "basic": ("http_basic",),
    "header": ("http_header",),
    "jwt": ("signing_key",),
}
_HEADER = r"^[A-Za-z0-9-]{1,100}$"


def credential_types(authentication: str) -> tuple[str, ...]:
    """The types of credentials by which senders are known."""
    return _CREDENTIALS.get(authentication, ("webhook_secret",))


def methods_of(params: Mapping[str, Json]) -> list[Json]:
    """All methods that a node of these params, be they sound or not, listens to."""
    more = params.get("more_methods")
    return [params.get("method", "POST"), *(more if isinstance(more, list) else ())]


def _hs256() -> list[TokenAlgorithm]:
    return ["HS256"]


class SignatureForm(ParamsModel):
    """How a service signs that is none of the known ones: an HMAC over the body, in a header."""

    header: str = Field(title="Header", pattern=_HEADER, examples=["X-Signature"])
    algorithm: Algorithm = Field("sha256", title="Algorithm")
    encoding: Encoding = Field("hex", title="Encoding")
    prefix: str = Field(
        "", title="Prefix", max_length=50, description="Before the signature: sha256= and the like."
    )
    moment_header: str = Field(
        "",
        title="Header of the moment",
        pattern=r"^[A-Za-z0-9-]{0,100}$",
        description="Where the seconds stand at which it was sent, which are then signed before "
        "the body, with a dot between, and may lie five minutes back.",
    )


_KNOWN = tuple(each for each in get_args(Authentication) if each != "none")


class WebhookParams(ParamsModel):
    """Where a webhook listens, whom it lets in, and what it answers."""

    # Beside these params editors let the draft's webhook listen for a request.
    model_config = ConfigDict(json_schema_extra={"x-preview": "request"})

    path: Annotated[str, AfterValidator(hook_path)] = Field(
        "",
        title="Path",
        max_length=200,
        examples=["orders", "orders/:id"],
        description="Behind /hooks/. A part such as :id takes any text, and gives it as a param. "
        "Empty: a path that nobody can guess, made when the workflow is first activated, and kept.",
    )
    method: Method = Field("POST", title="Method")
    more_methods: list[Method] = Field(
        default_factory=list,
        title="More methods",
        max_length=5,
        description="That start a run, too.",
    )
    authentication: Authentication = Field(
        "none",
        title="Senders are known by",
        description="None: anybody may send. Else who knows a password, a header or a token, or "
        "whose signature fits.",
    )
    credential: str = Field(
        "",
        title="Credential",
        json_schema_extra={"x-widget": "credential"} | when(authentication=_KNOWN),
    )
    algorithms: list[TokenAlgorithm] = Field(
        default_factory=_hs256,
        title="Algorithms",
        min_length=1,
        description="By which a JSON Web Token may be signed.",
        json_schema_extra=when(authentication="jwt"),
    )
    audience: str = Field(
        "",
        title="Audience",
        max_length=500,
        description="That a JSON Web Token must name.",
        json_schema_extra=when(authentication="jwt"),
    )
    signature: SignatureForm | None = Field(
        None,
        title="Signature",
        description="Its form, with hmac.",
        json_schema_extra=when(authentication="hmac"),
    )
    ip_allow: list[Annotated[str, AfterValidator(plain_network)]] = Field(
        default_factory=list,
        title="Addresses",
        max_length=100,
        examples=[["192.0.2.0/24"]],
        description="Of those who may send, or their networks. None: any.",
    )
    cors_origins: list[Annotated[str, AfterValidator(plain_origin)]] = Field(
        default_factory=list,
        title="Web pages",
        max_length=100,
        examples=[["https://shop.example"]],
        description="Origins whose pages may send from a browser and read the answer; * for all.",
    )
    rate_per_minute: int | None = Field(
        None,
        title="Requests a minute",
        ge=1,
        le=10_000,
        description="Of each method, at most; others are answered by 429.",
    )
    dedup_key: Annotated[str, AfterValidator(plain_key)] = Field(
        "",
        title="Known again by",
        max_length=1_000,
        examples=["={{ $json.headers['x-github-delivery'] }}"],
        description="A request with a value that came already starts no run.",
    )
    dedup_window_s: int = Field(
        DAY_S,
        title="For so many seconds",
        ge=1,
        le=30 * DAY_S,
        description="How long a value is known again.",
    )

    respond: Literal["at_once", "last_node", "respond_node"] = Field(
        "at_once",
        title="Answer",
        description="At once, with the run’s id; when the run ends, with what its last node gave; "
        "or as a Respond to Webhook node says.",
    )
    answer: Literal["all_items", "first_item", "file"] = Field(
        "all_items",
        title="Answer with",
        description="Of what the last node gave: all items, the first, or the first one’s file.",
        json_schema_extra=when(respond="last_node"),
    )
    answer_timeout_s: int = Field(
        60,
        title="Timeout",
        ge=1,
        le=600,
        description="After so many seconds: 504.",
        json_schema_extra=when(respond=("last_node", "respond_node")),
    )

    @model_validator(mode="after")
    def _complete(self) -> "WebhookParams":
        if len({self.method, *self.more_methods}) <= len(self.more_methods):
            raise ValueError("more_methods: each method can be there once.")
        if self.authentication != "none" and not self.credential:
            raise ValueError("credential: it is needed to know who sends.")
        if self.authentication == "none" and self.credential:
            raise ValueError("credential: it is used only where “authentication” says how.")
        if (self.authentication == "hmac") != (self.signature is not None):
            raise ValueError("signature: it goes with the authentication “hmac”.")
        return self
