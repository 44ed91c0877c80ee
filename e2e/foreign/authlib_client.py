"""Authlib, an OAuth client in another language, against a provider: prints one JSON object a line and reads where the browser landed from standard input."""

import json
import sys

from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken

settings = json.loads(sys.argv[1])
plain = OAuth2Session()
metadata = plain.get(settings["issuer"] + "/.well-known/openid-configuration", withhold_token=True).json()
keys = JsonWebKey.import_key_set(plain.get(metadata["jwks_uri"], withhold_token=True).json())


def say(**what):
    print(json.dumps(what), flush=True)


def sign_in():
    client = settings["site"]
    site = OAuth2Session(
        client["id"],
        client["secret"],
        token_endpoint_auth_method="client_secret_basic",
        scope="openid profile offline_access",
        redirect_uri=settings["redirect_uri"],
        code_challenge_method="S256",
    )
    nonce, verifier = "a-nonce-of-this-login", "v" * 64
    url, state = site.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, prompt="consent"
    )
    say(open=url)
    landed = sys.stdin.readline().strip()
    token = site.fetch_token(
        metadata["token_endpoint"], authorization_response=landed, state=state, code_verifier=verifier
    )
    claims = jwt.decode(
        token["id_token"],
        keys,
        claims_cls=CodeIDToken,
        claims_options={"iss": {"value": metadata["issuer"]}, "aud": {"value": client["id"]}},
        claims_params={"nonce": nonce, "client_id": client["id"], "access_token": token["access_token"]},
    )
    claims.validate()
    userinfo = site.get(metadata["userinfo_endpoint"]).json()
    say(name=userinfo["name"], same_person=userinfo["sub"] == claims["sub"])
    return site, token


def renew_and_revoke(site, token):
    renewed = site.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    introspection = metadata["introspection_endpoint"]
    before = site.introspect_token(introspection, token=renewed["access_token"]).json()
    revoked = site.revoke_token(metadata["revocation_endpoint"], token=renewed["refresh_token"])
    after = site.introspect_token(introspection, token=renewed["access_token"]).json()
    say(
        renewed=renewed["access_token"] != token["access_token"],
        before=before["active"],
        status=revoked.status_code,
        after=after,
    )


def call_as_itself():
    client = settings["service"]
    service = OAuth2Session(client["id"], client["private_key"], token_endpoint_auth_method="private_key_jwt")
    service.register_client_auth_method(PrivateKeyJWT(settings["issuer"], alg="ES256"))
    token = service.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    say(token_type=token["token_type"])


renew_and_revoke(*sign_in())
call_as_itself()
