"""The authorization server of an API, on the provider's own: two grants, two endpoints."""

from flask import Flask

from idp.exchange.grant import TokenExchangeGrant
from idp.exchange.introspection import ApiIntrospection
from idp.exchange.refresh_grant import ApiRefreshGrant
from idp.exchange.revocation import ApiRevocation
from idp.exchange.tokens import ApiTokenGenerator, find_refresh_token
from idp.oauth.parameters import FormRequest
from idp.oauth.server import EXTENSION, AuthorizationServer
from idp.provider import Provider


def make_exchange_server(app: Flask, provider: Provider) -> None:
    """The server of one API's issuer, with all it offers."""
    server = ExchangeServer(provider)
    server.register_grant(TokenExchangeGrant)
    server.register_grant(ApiRefreshGrant)
    server.register_endpoint(ApiIntrospection)
    server.register_endpoint(ApiRevocation)
    app.extensions[EXTENSION] = server


class ExchangeServer(AuthorizationServer):
    """Clients, errors and answers as at the provider; tokens of its own."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        generator = ApiTokenGenerator(provider, self.refresh_key)
        self.register_token_generator("default", generator)

    def _read_presented(self, given: FormRequest) -> None:
        token = given.form.get("refresh_token", "")
        given.presented = find_refresh_token(self.provider, self.db, self.refresh_key, token)
