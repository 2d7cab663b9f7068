"""JWT: signs, verifies and reads JSON Web Tokens."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from apps.engine.items import Item, Json
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.formats.keys import SIGNING_CREDENTIALS
from apps.nodes.formats.tokens import Algorithm, check_claims, read_token, sign_token, verify_token
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.field_types import to_object
from apps.nodes.values.fields import with_result

LONGEST = 10 * 366 * 86_400


def _object(value: Json) -> Json:
    return to_object(value) if isinstance(value, str) else value


def _algorithms() -> list[Algorithm]:
    return ["HS256"]


JsonObject = Annotated[dict[str, Any], BeforeValidator(_object)]


_SIGN = when(operation="sign")
_VERIFY = when(operation="verify")
_BY_KEY = when(operation=("sign", "verify"))


class Params(ParamsModel):
    operation: Literal["sign", "verify", "decode"] = Field("sign", title="Operation")
    credential: str | None = Field(
        None,
        title="Credential",
        min_length=1,
        max_length=200,
        json_schema_extra={"x-widget": "credential"} | _BY_KEY,
    )
    token: Any = Field(
        None,
        title="Token",
        examples=["={{ $json.token }}"],
        json_schema_extra=when(operation=("verify", "decode")),
    )
    algorithm: Algorithm = Field("HS256", title="Sign by", json_schema_extra=_SIGN)
    algorithms: list[Algorithm] = Field(
        default_factory=_algorithms,
        title="Allowed algorithms",
        min_length=1,
        max_length=20,
        json_schema_extra=_VERIFY,
    )
    claims: JsonObject = Field(
        default_factory=dict, title="Claims", json_schema_extra={"x-widget": "json"} | _SIGN
    )
    header: JsonObject = Field(
        default_factory=dict,
        title="More in the header",
        description="Such as kid. The algorithm is set beside it.",
        json_schema_extra={"x-widget": "json"} | _SIGN,
    )
    issuer: str = Field("", title="Issuer", max_length=1_000, json_schema_extra=_BY_KEY)
    audience: str = Field("", title="Audience", max_length=1_000, json_schema_extra=_BY_KEY)
    subject: str = Field("", title="Subject", max_length=1_000, json_schema_extra=_SIGN)
    expires_in_s: int | None = Field(
        None,
        title="Valid for seconds",
        ge=1,
        le=LONGEST,
        description="Sets the claim exp.",
        json_schema_extra=_SIGN,
    )
    issued_at: bool = Field(True, title="Say when it was issued", json_schema_extra=_SIGN)
    leeway_s: int = Field(
        0,
        title="Leeway in seconds",
        ge=0,
        le=86_400,
        description="For clocks that differ.",
        json_schema_extra=_VERIFY,
    )
    check_times: bool = Field(True, title="Check times (exp, nbf, iat)", json_schema_extra=_VERIFY)
    result: str = Field("jwt", title="Result field", min_length=1, max_length=500)
    keep_fields: bool = Field(True, title="Keep the other fields")

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.operation != "decode" and self.credential is None:
            raise ValueError("credential: it holds the secret or the key, and is needed.")
        if "alg" in self.header:
            raise ValueError("header: the algorithm is chosen by “algorithm”.")
        for name in ("b64", "crit"):
            if name in self.header:
                raise ValueError(f"header: “{name}” changes how a token is read; leave it out.")
        return self


KEY = {"signing_key": {"secret": "a secret of at least 32 characters"}}
TOKEN = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."  # noqa: S105  # signed by the example's secret
    "eyJuYW1lIjoiQWRhIiwiaXNzIjoic2hvcCJ9."
    "itZLZc5XcUQwqei8Z5adkt8xrhvqa0gJexeD4pRSwpk"
)
MADE = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
    "eyJuYW1lIjoiQWRhIiwiaXNzIjoic2hvcCIsImV4cCI6MTc3MjM2NjcwMH0."
    "HVxP7g-I85xC3HyG6WXDQ6TC5T5McJsdyMfYOUXvs10"
)


@node(
    type="jwt",
    label="JWT",
    group="transformations",
    icon="key-round",
    keywords=("token",),
    each="item",
    credentials=SIGNING_CREDENTIALS,
    examples=[
        Example(
            title="A token for five minutes",
            params={
                "credential": "shop",
                "claims": {"name": "={{ $json.name }}"},
                "issuer": "shop",
                "expires_in_s": 300,
                "issued_at": False,
                "keep_fields": False,
            },
            credentials=KEY,
            takes=[{"name": "Ada"}],
            gives=[{"jwt": MADE}],
        ),
        Example(
            title="A token verified, and who issued it",
            params={
                "operation": "verify",
                "credential": "shop",
                "token": "={{ $json.token }}",
                "issuer": "shop",
                "keep_fields": False,
            },
            credentials=KEY,
            takes=[{"token": TOKEN}],
            gives=[
                {
                    "jwt": {
                        "header": {"typ": "JWT", "alg": "HS256"},
                        "payload": {"name": "Ada", "iss": "shop"},
                    }
                }
            ],
        ),
        Example(
            title="A token that says it needs no signature",
            params={"operation": "verify", "credential": "shop", "token": "={{ $json.token }}"},
            credentials=KEY,
            takes=[{"token": "eyJhbGciOiJub25lIn0.e30."}],
            fails="algorithm_refused",
        ),
        Example(
            title="A token just read: anybody may have made it",
            params={"operation": "decode", "token": "={{ $json.token }}", "keep_fields": False},
            takes=[{"token": "eyJhbGciOiJub25lIn0.e30."}],
            gives=[{"jwt": {"header": {"alg": "none"}, "payload": {}}}],
        ),
    ],
)
def jwt(item: Item, params: Params, ctx: StepContext) -> Item:
    """Signs, verifies and reads JSON Web Tokens.

    The key comes from a credential: HS256 to HS512 take its secret, RS, PS and ES its key of RSA or
    ECDSA, EdDSA one of Ed25519. **Verify** takes only the algorithms that are allowed, checks the
    times (`exp`, `nbf`, `iat`) and, where they are given, issuer and audience; a token that does
    not hold is an error. It gives `header` and `payload`. **Decode** gives the same of any token
    and checks nothing: do not trust what it says.
    """
    made = _made(params, ctx)
    return item.with_json(with_result(item.json, params.result, made, others=params.keep_fields))


def _made(params: Params, ctx: StepContext) -> Json:
    if params.operation == "decode":
        return read_token(params.token)
    assert params.credential is not None
    credential = ctx.credential(params.credential, SIGNING_CREDENTIALS)
    if params.operation == "sign":
        return sign_token(params.header, _claims(params, ctx), params.algorithm, credential)
    token = verify_token(params.token, params.algorithms, credential)
    check_claims(
        token["payload"],
        now=ctx.now.timestamp(),
        leeway_s=params.leeway_s,
        check_times=params.check_times,
        issuer=params.issuer,
        audience=params.audience,
    )
    return token


def _claims(params: Params, ctx: StepContext) -> dict[str, Json]:
    """The claims of JSON, over which those by name count."""
    now = int(ctx.now.timestamp())
    named: dict[str, Json] = {
        "iss": params.issuer,
        "aud": params.audience,
        "sub": params.subject,
        "iat": now if params.issued_at and "iat" not in params.claims else None,
        "exp": now + params.expires_in_s if params.expires_in_s else None,
    }
    return {**params.claims, **{name: value for name, value in named.items() if value}}
