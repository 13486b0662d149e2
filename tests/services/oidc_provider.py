"""An OpenID Connect provider on loopback, as a process of its own, made with authlib; it can be told to misbehave.

Each first part of a path is a provider (a tenant) with keys, codes and habits of its own, made when it is first asked.
`POST /<tenant>/habits` changes its habits. Codes, PKCE and client secrets are checked by authlib, whatever they are.
"""

import asyncio
import functools
import secrets
import sys
from dataclasses import dataclass, field, replace
from typing import Any

import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

CLIENT_ID = "tidings"
CLIENT_SECRET = "a secret of the + client & the provider"
_KINDS: dict[str, tuple[Any, Any]] = {
    "RS256": (RSAKey, 2048),
    "PS256": (RSAKey, 2048),
    "ES256": (ECKey, "P-256"),
    "EdDSA": (OKPKey, "Ed25519"),
}


@dataclass(frozen=True)
class Habits:
    """How a tenant behaves: who is signed in there, and what is wrong with it (nothing, by default)."""

    moment: float = 0.0
    """The time its tokens say it is, in seconds; tests have a clock of their own."""
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "subject-1"})
    in_userinfo: dict[str, Any] = field(default_factory=dict)
    """What only the userinfo endpoint tells."""
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims that replace the right ones; null leaves one out."""
    header: dict[str, Any] = field(default_factory=dict)
    signs_with: str = "own key"
    """`own key`, `hidden key` (in no key set), `public key` (HS256 with what everybody knows), `nothing` (alg none)."""
    discovery: dict[str, Any] = field(default_factory=dict)
    padding: int = 0
    """So many bytes more in the discovery document."""
    hangs: bool = False
    names_issuer: bool = True
    refuses: bool = False


class Client(ClientMixin):
    """The only client of every tenant."""

    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return "/api/v1/auth/oidc/" in redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """A code that was given out, and what it was asked for with."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Asked(OAuth2Request):
    """A request, in authlib's words."""

    def __init__(self, tenant: "Tenant", request: Request, values: dict[str, Any]) -> None:
        super().__init__(request.method, str(request.url))
        self.headers = {name.title(): value for name, value in request.headers.items()}
        self.payload = BasicOAuth2Payload(values)
        self.tenant = tenant
        self.values = values

    @property
    def args(self) -> dict[str, Any]:
        return self.values

    @property
    def form(self) -> dict[str, Any]:
        return self.values


def _new_key(algorithm: str) -> Any:
    kind, size = _KINDS[algorithm]
    return kind.generate_key(size, {"kid": secrets.token_hex(4), "use": "sig"})


@functools.cache
def _first_key(algorithm: str) -> Any:
    """What every tenant begins with: making an RSA key takes long."""
    return _new_key(algorithm)


class Tenant:
    """One provider."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.habits = Habits()
        self.codes: dict[str, Code] = {}
        self.access_tokens: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, RSAKey | ECKey | OKPKey] = {}
        self.asked: list[str] = []
        self.server = Server(self)

    def key(self) -> RSAKey | ECKey | OKPKey:
        """The key of the algorithm in use."""
        algorithm = self.habits.algorithm
        if algorithm not in self.keys:
            self.keys[algorithm] = _first_key(algorithm)
        return self.keys[algorithm]

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.keys[self.habits.algorithm] = _new_key(self.habits.algorithm)

    def sign(self, claims: dict[str, Any]) -> str:
        """The ID Token, as honest as the habits are."""
        claims = {name: value for name, value in (claims | self.habits.claims).items() if value is not None}
        key, algorithm = self.key(), self.habits.algorithm
        header = {"alg": algorithm, "kid": key.kid, **self.habits.header}
        match self.habits.signs_with:
            case "hidden key":
                return _encode(header, claims, _new_key(algorithm))
            case "public key":
                return _encode({**header, "alg": "HS256"}, claims, OctKey.import_key(key.as_pem(private=False)))
            case "nothing":
                return _encode({**header, "alg": "none"}, claims, OctKey.import_key("nothing"))
            case _:
                return _encode(header, claims, key)


def _encode(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jwt.encode(header, claims, key, registry=registry)


class IdTokens(OpenIDCode):
    """Puts the ID Token into the answer."""

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        return False

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        tenant: Tenant = request.tenant
        moment = int(tenant.habits.moment)
        parties = {"iss": tenant.issuer, "aud": CLIENT_ID, "iat": moment, "exp": moment + 300}
        tenant.access_tokens[token["access_token"]] = tenant.habits.user | tenant.habits.in_userinfo
        code_claims = self.get_authorization_code_claims(request.authorization_code)
        return tenant.sign(parties | code_claims | tenant.habits.user)


class CodeGrant(AuthorizationCodeGrant):
    """Codes, each for one use."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        data = request.payload.data
        request.tenant.codes[code] = Code(
            code=code,
            redirect_uri=data["redirect_uri"],
            scope=data["scope"],
            nonce=data.get("nonce"),
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found: Code | None = self.request.tenant.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.request.tenant.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
        user: dict[str, Any] = self.request.tenant.habits.user
        return user


class Server(AuthorizationServer):
    """The framework of authlib, in Starlette's words."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self.tenant = tenant
        self.register_grant(CodeGrant, [IdTokens(), CodeChallenge(required=True)])
        self.register_token_generator(
            "default",
            lambda **about: {
                "token_type": "Bearer",
                "access_token": secrets.token_urlsafe(),
                "scope": about["scope"],
                "expires_in": 300,
            },
        )

    def query_client(self, client_id: str) -> Client | None:
        return Client() if client_id == CLIENT_ID else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        pass  # IdTokens keeps what the userinfo endpoint needs

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        answer = JSONResponse(body, status) if isinstance(body, dict) else Response(body, status)
        for name, value in headers:
            answer.headers[name] = value
        return answer


app = FastAPI()
tenants: dict[str, Tenant] = {}


def _tenant(request: Request, name: str) -> Tenant:
    here = f"{request.url.scheme}://{request.url.netloc}"
    tenant = tenants.setdefault(name, Tenant(f"{here}/{name}"))
    tenant.asked.append(request.url.path.removeprefix(f"/{name}"))
    return tenant


async def _request(tenant: Tenant, request: Request) -> Asked:
    values = dict(request.query_params if request.method == "GET" else await request.form())
    return Asked(tenant, request, values)


@app.post("/{name}/habits")
async def change_habits(name: str, request: Request) -> dict[str, Any]:
    """Behave like this from now on."""
    tenant = _tenant(request, name)
    changes = await request.json()
    rotate = changes.pop("rotate", False)
    tenant.habits = replace(tenant.habits, **changes)
    if rotate:
        tenant.rotate()
    return {"issuer": tenant.issuer}


@app.get("/{name}/asked")
async def what_was_asked(name: str) -> list[str]:
    """Every path that was asked for, in order."""
    return tenants[name].asked


@app.get("/{name}/.well-known/openid-configuration")
async def discovery(name: str, request: Request) -> JSONResponse:
    """OpenID Connect Discovery 1.0."""
    tenant = _tenant(request, name)
    if tenant.habits.hangs:
        await asyncio.Event().wait()
    document = {
        "issuer": tenant.issuer,
        "authorization_endpoint": f"{tenant.issuer}/authorize",
        "token_endpoint": f"{tenant.issuer}/token",
        "userinfo_endpoint": f"{tenant.issuer}/userinfo",
        "jwks_uri": f"{tenant.issuer}/jwks",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": tenant.habits.names_issuer,
        "x": "x" * tenant.habits.padding,
    }
    return JSONResponse(document | tenant.habits.discovery)


@app.get("/{name}/jwks")
async def key_set(name: str, request: Request) -> dict[str, Any]:
    """The public keys."""
    return {"keys": [_tenant(request, name).key().as_dict(private=False)]}


@app.get("/{name}/authorize")
async def authorize(name: str, request: Request) -> Response:
    """Whoever the habits name is signed in already, and says yes."""
    tenant = _tenant(request, name)
    if tenant.habits.refuses:
        uri, state = request.query_params["redirect_uri"], request.query_params["state"]
        return Response(status_code=302, headers={"Location": f"{uri}?error=access_denied&state={state}"})
    converted = await _request(tenant, request)
    grant = tenant.server.get_authorization_grant(converted)
    answer: Response = tenant.server.create_authorization_response(converted, tenant.habits.user, grant)
    if tenant.habits.names_issuer and "location" in answer.headers:
        answer.headers["location"] += f"&iss={tenant.issuer}"
    return answer


@app.post("/{name}/token")
async def token(name: str, request: Request) -> Response:
    """A code for an ID Token."""
    tenant = _tenant(request, name)
    answer: Response = tenant.server.create_token_response(await _request(tenant, request))
    return answer


@app.get("/{name}/userinfo")
async def userinfo(name: str, request: Request) -> Response:
    """What is known of whom the access token was given for."""
    known = _tenant(request, name).access_tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    return Response(status_code=401) if known is None else JSONResponse(known)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
