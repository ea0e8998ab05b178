"""PKCE (RFC 7636) with S256 and nothing else (decision 10), as an extension of the code grant."""

from typing import Any

from authlib.oauth2.rfc7636 import CodeChallenge

METHOD = "S256"


class S256CodeChallenge(CodeChallenge):
    """Authlib's check of the verifier; that the challenge is S256 was checked at authorize.

    It also refuses a verifier where there was no challenge (RFC 9700, 4.8).
    """

    DEFAULT_CODE_CHALLENGE_METHOD = METHOD
    SUPPORTED_CODE_CHALLENGE_METHOD = [METHOD]  # noqa: RUF012 - as the class it extends has it

    def get_authorization_code_challenge(self, authorization_code: Any) -> str | None:
        """The challenge kept with the code."""
        challenge: str | None = authorization_code.row.code_challenge
        return challenge

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
        """Always S256."""
        del authorization_code
        return METHOD
