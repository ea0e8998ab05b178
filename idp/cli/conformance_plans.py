"""What the public conformance suite is told of this provider, and which clients its plans need."""

from dataclasses import dataclass, field
from typing import Any

from idp.oauth.clients.registered import CIBA, REFRESH_TOKEN
from idp.psc.addresses import LOGOUT, USERINFO
from idp.settings import REALM_PATH

_SCOPE = "openid scope_all"


@dataclass(frozen=True)
class Family:
    """Plans, or variants of one, that run with the same clients."""

    name: str
    """Of its file, of its alias at the suite, and of its clients."""
    plans: tuple[str, ...]
    metadata: dict[str, Any] = field(default_factory=dict)
    """Of both clients, beside their credentials and addresses."""
    called: dict[str, str] = field(default_factory=dict)
    """Metadata that name an address of the suite which this provider calls, and its path there."""

    @property
    def has_keys(self) -> bool:
        """Whether its clients sign."""
        return self.metadata.get("profile") == "fapi"

    @property
    def has_certificates(self) -> bool:
        """Whether its clients show certificates."""
        return bool(self.metadata.get("tls_client_certificate_bound_access_tokens"))

    @property
    def is_ciba(self) -> bool:
        """Whether its sign-ins begin without a browser."""
        return CIBA in self.metadata.get("grant_types", ())


_FAPI = {"profile": "fapi"}
_BOUND = {"tls_client_certificate_bound_access_tokens": True}
_METHODS = {
    "private-key-jwt": {"token_endpoint_auth_method": "private_key_jwt"},
    "mtls": {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
}
_CIBA = {
    "grant_types": [CIBA, REFRESH_TOKEN],
    "backchannel_authentication_request_signing_alg": "PS256",
}
_NOTIFIED = {"backchannel_client_notification_endpoint": "ciba-notification-endpoint"}


def _ciba(mode: str, method: str) -> Family:
    return Family(
        f"fapi-ciba-{mode}-{method}",
        ("fapi-ciba-id1-test-plan",),
        _FAPI | _METHODS[method] | _BOUND | _CIBA | {"backchannel_token_delivery_mode": mode},
        _NOTIFIED if mode == "ping" else {},
    )


FAMILIES = (
    Family(
        "oidcc",
        (
            "oidcc-basic-certification-test-plan",
            "oidcc-formpost-basic-certification-test-plan",
            "oidcc-config-certification-test-plan",
        ),
    ),
    Family(
        "logout",
        (
            "oidcc-rp-initiated-logout-certification-test-plan",
            "oidcc-backchannel-rp-initiated-logout-certification-test-plan",
            "oidcc-frontchannel-rp-initiated-logout-certification-test-plan",
        ),
        called={"backchannel_logout_uri": "backchannel_logout"},
    ),
    Family(
        "fapi2-private-key-jwt-dpop",
        ("fapi2-security-profile-final-test-plan",),
        _FAPI | _METHODS["private-key-jwt"] | {"dpop_bound_access_tokens": True},
    ),
    Family(
        "fapi2-mtls",
        ("fapi2-security-profile-final-test-plan",),
        _FAPI | _METHODS["mtls"] | _BOUND,
    ),
    *(_ciba(mode, method) for mode in ("poll", "ping") for method in _METHODS),
)


@dataclass(frozen=True)
class Suite:
    """Where suite and provider meet, and who signs in.

    ``url`` is where browsers find the suite, ``called_at`` where this provider does; ``pages`` is
    the origin of our pages, ``certificate_url`` the address that asks for certificates.
    """

    url: str
    called_at: str
    issuer: str
    certificate_url: str
    national_id: str
    approval_url: str | None

    @property
    def pages(self) -> str:
        """The origin of our pages."""
        return self.issuer.removesuffix(REALM_PATH)

    def addresses(self, family: Family) -> dict[str, Any]:
        """Metadata of a family's clients that name addresses of the suite."""
        called = {
            name: f"{_test(self.called_at, family)}/{path}" for name, path in family.called.items()
        }
        if family.is_ciba:
            return called
        callback = f"{_test(self.url, family)}/callback"
        return called | {
            "redirect_uris": [callback, f"{callback}?dummy1=lorem&dummy2=ipsum"],
            "post_logout_redirect_uris": [f"{_test(self.url, family)}/post_logout_redirect"],
            "frontchannel_logout_uri": f"{_test(self.url, family)}/frontchannel_logout",
        }

    def configuration(self, family: Family, clients: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The suite's configuration; ``clients`` are its members for clients and certificates."""
        person = {"hint_type": "login_hint", "hint_value": self.national_id, "scope": _SCOPE}
        resource_at = self.certificate_url + REALM_PATH if family.has_certificates else self.issuer
        told: dict[str, Any] = {
            "alias": f"ecps-{family.name}",
            "description": f"{', '.join(family.plans)}; people are answered for by ecps-wallet",
            "server": {
                "discoveryUrl": f"{self.issuer}/.well-known/openid-configuration",
                "login_hint": self.national_id,
            },
            "resource": {"resourceUrl": resource_at + USERINFO},
            **{
                name: member if name.startswith("mtls") else member | person
                for name, member in clients.items()
            },
        }
        if not family.is_ciba:
            return told | {"browser": self._browser(family), "override": self._pictures()}
        if self.approval_url is not None:
            told["automated_ciba_approval_url"] = f"{self.approval_url}?action={{action}}"
        return told

    def _browser(self, family: Family) -> list[dict[str, Any]]:
        alias = f"*/test/a/ecps-{family.name}"
        signin, done = f"{self.pages}/signin/*", ["wait", "id", "submission_complete"]
        return [
            {
                "match": f"{self.pages}/auth?*",
                "tasks": [
                    _task(
                        "Say who signs in",
                        signin,
                        ["text", "id", "national_id", self.national_id, "optional"],
                        ["click", "css", "button.primary"],
                        optional=True,
                    ),
                    _task(
                        "Confirm the access, where a session stands",
                        signin,
                        ["click", "css", "button[value=confirm]", "optional"],
                        optional=True,
                    ),
                    _task("Come back, once the phone approved", f"{alias}/callback*", [*done, 60]),
                ],
            },
            {
                "match": f"{self.issuer}{LOGOUT}*",
                "tasks": [
                    _task(
                        "Confirm the sign-out",
                        f"{self.pages}/*",
                        ["click", "css", "button.primary", "optional"],
                        optional=True,
                    ),
                    _task(
                        "Come back",
                        f"{alias}/post_logout_redirect*",
                        [*done, 30],
                        optional=True,
                    ),
                ],
            },
        ]

    def _pictures(self) -> dict[str, Any]:
        page = f"{self.pages}/auth?*"
        shown = ["wait", "css", "h1", 10, ".*", "update-image-placeholder"]
        refused = _task("The page that refuses", page, shown)
        browser = [{"match": page, "tasks": [refused]}]
        return {"oidcc-ensure-registered-redirect-uri": {"browser": browser}}


def _test(url: str, family: Family) -> str:
    return f"{url}/test/a/ecps-{family.name}"


def _task(task: str, match: str, *commands: list[Any], optional: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"task": task, "match": match, "commands": list(commands)}
    return told | ({"optional": True} if optional else {})
