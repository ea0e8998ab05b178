"""The methods of client authentication, by their registered names (RFC 8414, 2)."""

from typing import Literal, get_args

AuthMethod = Literal[
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "none",
]
AUTH_METHODS: list[str] = list(get_args(AuthMethod))
CONFIDENTIAL_METHODS = [method for method in AUTH_METHODS if method != "none"]
"""Every method by which a client proves who it is."""
