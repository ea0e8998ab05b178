"""`tls_client_auth` (RFC 8705, 2.1): a trusted authority's certificate, for the registered name."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask

from idp.keys.key_usage import key_usage
from idp.provider import Provider
from tests.mtls.helpers import (
    AUTHORITY_USAGE,
    CLIENT_AUTH,
    DAY,
    SERVER_AUTH,
    SUBJECT,
    TLS_CLIENT_AUTH,
    Made,
    Pki,
    ask,
    make,
    make_authority,
    post,
    why_not,
)
from tests.oauth.helpers import REDIRECT, SECRET, Service, add_client, advance, events, parameters

PLAIN_CA = x509.BasicConstraints(ca=False, path_length=None)


def refused(answer: Any) -> bool:
    told = {"error": "invalid_client", "error_description": "Client authentication failed."}
    return bool(answer.status_code == 401 and answer.json == told)


def test_nobody_is_authenticated_without_a_certificate(service: Service) -> None:
    """FAPI: fapi-ciba-id1-ensure-mtls-holder-of-key-required."""
    assert why_not(service, None) == "none was shown"
    assert "oauth:client:refused" in events(service.provider)


@pytest.mark.parametrize("find", [bytes.find, bytes.rfind], ids=["issuer", "subject"])
def test_a_name_that_is_no_text_is_refused(
    service: Service, find: Callable[[bytes, bytes], int]
) -> None:
    """Whoever makes a certificate writes what they like into it; TLS does not mind."""
    made = make().der
    shown = bytearray(made)
    shown[find(made, b"EXEMPLE")] = 0xFF
    assert why_not(service, bytes(shown)) == "it cannot be read"


def test_a_certificate_of_an_unknown_authority_proves_nothing(service: Service) -> None:
    assert "not among those trusted" in why_not(service, make())
    assert "not among those trusted" in why_not(service, make(by=make_authority("Ailleurs")))


def test_an_authority_of_the_same_name_is_another_one(service: Service, pki: Pki) -> None:
    forged = make_authority("Organisations", make_authority("Racine"))
    assert forged.certificate.subject == pki.authority.certificate.subject
    assert "signature is not that" in why_not(service, make(by=forged))


def test_an_authority_under_a_trusted_root_that_is_not_named_is_not_trusted(
    service: Service, pki: Pki
) -> None:
    """A chain is made of the operator's files alone: a client brings no authority with it."""
    sub = make_authority("Autres", pki.root, path_length=0)
    assert "not among those trusted" in why_not(service, make(by=sub))


@pytest.mark.parametrize(
    ("validity", "said"),
    [({"starts": -9 * DAY, "ends": -DAY}, "has expired"), ({"starts": DAY}, "not valid yet")],
    ids=["expired", "not yet"],
)
def test_dates_are_judged(service: Service, pki: Pki, validity: dict[str, Any], said: str) -> None:
    assert said in why_not(service, pki.issue(**validity))


def test_dates_are_judged_by_our_clock(service: Service, pki: Pki) -> None:
    """Decision 5."""
    short, later = pki.issue(ends=2 * DAY), pki.issue(starts=2 * DAY)
    assert ask(service, short).status_code == 200
    assert refused(ask(service, later))
    advance(service.provider, 3 * 86400)
    assert refused(ask(service, short))
    assert ask(service, later).status_code == 200


@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT.replace("logiciel", "autre"),
        SUBJECT.replace("CN=", "OU="),
        SUBJECT.removesuffix(",C=FR"),
        "C=FR," + SUBJECT.removesuffix(",C=FR"),
        SUBJECT + ",DC=test",
        "CN=logiciel.exemple.test\\,OU=318751275100020,O=EXEMPLE,ST=Sarthe (72),C=FR",
    ],
)
def test_the_subject_must_be_the_registered_one(service: Service, pki: Pki, subject: str) -> None:
    """RFC 8705, 2.1.2: parts and their order count, an escaped comma parts nothing."""
    assert "its subject is" in why_not(service, pki.issue(subject))


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"extensions": (SERVER_AUTH,)}, "extended key usage"),
        ({"extensions": (CLIENT_AUTH, key_usage("key_encipherment"))}, "(key usage)"),
        ({"critical": (x509.PolicyConstraints(0, None),)}, "2.5.29.36"),
        ({"critical": (UNKNOWN,)}, "1.2.3.4"),
    ],
    ids=["another purpose", "no signature", "critical", "critical and unknown"],
)
def test_a_certificate_for_something_else_is_refused(
    service: Service, pki: Pki, changes: dict[str, Any], said: str
) -> None:
    """RFC 5280, 4.2."""
    assert said in why_not(service, pki.issue(**changes))


@pytest.mark.parametrize(
    "key",
    [
        lambda: rsa.generate_private_key(65537, 1024),
        lambda: ec.generate_private_key(ec.SECP192R1()),
    ],
)
def test_a_weak_key_is_refused(service: Service, pki: Pki, key: Callable[[], Any]) -> None:
    assert "its key is too weak" in why_not(service, pki.issue(key=key()))


def test_a_weak_signature_is_refused(service: Service, pki: Pki) -> None:
    weak = pki.issue(digest=hashes.SHA224())
    assert "digest" in why_not(service, weak)


ANY_CA = x509.BasicConstraints(ca=True, path_length=None)


@pytest.mark.parametrize(
    ("authority", "said"),
    [
        ({"extensions": (PLAIN_CA, AUTHORITY_USAGE)}, "basic constraints"),
        ({"extensions": (AUTHORITY_USAGE,)}, "basic constraints"),
        ({"extensions": (ANY_CA, key_usage("crl_sign"))}, "may not sign"),
        ({"starts": -9 * DAY, "ends": -DAY}, "expired"),
        ({"extensions": (ANY_CA, SERVER_AUTH)}, "extended key usage"),
    ],
    ids=["no authority", "silent", "may not sign", "expired", "of servers"],
)
def test_an_authority_must_be_one(
    service: Service, pki: Pki, authority: dict[str, Any], said: str
) -> None:
    """RFC 5280, 6.1.4: also where its file is trusted."""
    made = make_authority("Organisations", pki.root, **authority)
    pki.trust(made, pki.root)
    assert said in why_not(service, make(by=made))


def test_a_client_certificate_issues_no_other(service: Service, pki: Pki, shown: Made) -> None:
    """RFC 5280, 6.1.4: basic constraints."""
    assert refused(ask(service, make(by=shown)))


def test_no_more_authorities_than_the_root_permits(service: Service, pki: Pki) -> None:
    """RFC 5280, 6.1.4: path length."""
    deeper = make_authority("Plus bas", pki.authority)
    pki.trust(deeper, pki.authority, pki.root)
    assert "more authorities" in why_not(service, make(by=deeper))


def test_a_chain_without_its_root_ends_nowhere(service: Service, pki: Pki, shown: Made) -> None:
    pki.trust(pki.authority)
    assert "not among those trusted" in why_not(service, shown)


def test_authorities_that_sign_each_other_end_nowhere(service: Service, pki: Pki) -> None:
    first = make_authority("Premier")
    second = make_authority("Second", first)
    crossed = make_authority("Premier", second, key=first.key)
    pki.trust(second, crossed)
    assert "too many authorities" in why_not(service, make(by=second))


def test_a_trust_file_that_is_gone_lets_nobody_in(service: Service, pki: Pki, shown: Made) -> None:
    pki.trusted.unlink()
    assert "cannot be read" in why_not(service, shown)


def test_another_clients_certificate_is_refused(
    service: Service, provider: Provider, pki: Pki
) -> None:
    """FAPI: fapi-ciba-id1-ensure-wrong-client-id-in-token-endpoint-request."""
    other = SUBJECT.replace("logiciel", "autre")
    add_client(
        provider,
        "other",
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn=other,
    )
    theirs = pki.issue(other)
    assert refused(ask(service, theirs))
    assert ask(service, theirs, client_id="other").status_code == 200


def test_the_client_names_itself(service: Service, shown: Made) -> None:
    """RFC 8705, 2: `client_id` is required, for it says which registration counts."""
    assert refused(ask(service, shown, client_id=""))
    assert refused(ask(service, shown, client_id="nobody"))


def test_a_certificate_does_not_stand_in_for_another_method(
    service: Service, provider: Provider, pki: Pki, shown: Made
) -> None:
    add_client(provider, "with-secret")
    assert refused(ask(service, shown, client_id="with-secret"))
    assert refused(ask(service, shown, client_secret=SECRET))


def test_a_header_changes_nothing(service: Service, shown: Made) -> None:
    """Attack 39: nobody is believed who is no proxy of ours."""
    text = shown.pem.decode().replace("\n", "%0A")
    for name in ("X-SSL-Client-Cert", "X_SSL_Client_Cert", "Ecps.Client-Certificate"):
        form = {"token": "t", "client_id": "service"}
        path = "/auth/realms/esante-wallet/protocol/openid-connect/token/introspect"
        assert refused(service.http.post(path, data=form, headers={name: text}))


def test_no_altered_certificate_is_taken(service: Service, shown: Made) -> None:
    """Every byte counts, and none of them brings an error of ours about."""
    for place in range(0, len(shown.der), 7):
        altered = bytearray(shown.der)
        altered[place] ^= 0x41
        assert refused(ask(service, bytes(altered))), place
        assert refused(ask(service, shown.der[:place] or b"\0")), place


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("token/introspect", {"token": "t"}),
        ("revoke", {"token": "t"}),
        ("ext/par/request", dict(parameters())),
    ],
)
def test_a_certificate_authenticates_at_every_endpoint(
    service: Service, shown: Made, path: str, form: dict[str, str]
) -> None:
    """RFC 8705, 2; FAPI: fapi2-security-profile-final-happy-flow with mtls."""
    assert post(service, path, form, shown).status_code in {200, 201}
    assert refused(post(service, path, form, None))


def test_a_code_and_its_refresh_token_are_redeemed(service: Service, shown: Made) -> None:
    """FAPI: fapi2-security-profile-final-happy-flow with mtls."""
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    code = service.authorize()["code"]
    assert refused(post(service, "token", form | {"code": code}, None))
    told = post(service, "token", form | {"code": code}, shown).json
    again = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    assert refused(post(service, "token", again, None))
    assert post(service, "token", again, shown).json["access_token"]


@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT,
        SUBJECT.upper(),
        SUBJECT.replace("Sarthe (72)", "\\ SARTHE   (72)\\ "),
        SUBJECT.replace("CN=", "2.5.4.3="),
    ],
)
def test_names_are_compared_parsed_and_not_as_text(
    service: Service, pki: Pki, subject: str
) -> None:
    """RFC 8705, 2.1.2; RFC 4518: letter case and blanks do not count."""
    assert ask(service, pki.issue(subject)).status_code == 200


def test_the_order_within_a_part_does_not_count(provider: Provider, app: Flask, pki: Pki) -> None:
    add_client(provider, **TLS_CLIENT_AUTH, tls_client_auth_subject_dn="CN=a+OU=b,C=FR")
    service = Service(app, provider)
    assert ask(service, pki.issue("OU=b+CN=a,C=FR")).status_code == 200
    assert refused(ask(service, pki.issue("CN=a,OU=b,C=FR")))


NAMES: list[tuple[str, str, x509.GeneralName, x509.GeneralName]] = [
    ("dns", "Api.exemple.test", x509.DNSName("api.exemple.test"), x509.DNSName("*.exemple.test")),
    (
        "uri",
        "urn:exemple:api",
        x509.UniformResourceIdentifier("urn:exemple:api"),
        x509.UniformResourceIdentifier("urn:exemple:API"),
    ),
    (
        "ip",
        "2001:db8:0::1",
        x509.IPAddress(ip_address("2001:db8::1")),
        x509.IPAddress(ip_address("2001:db8::2")),
    ),
    ("ip", "192.0.2.1", x509.IPAddress(ip_address("192.0.2.1")), x509.DNSName("192.0.2.1")),
    (
        "email",
        "api@Exemple.test",
        x509.RFC822Name("api@exemple.test"),
        x509.RFC822Name("API@exemple.test"),
    ),
]


@pytest.mark.parametrize(("kind", "registered", "named", "other"), NAMES)
def test_an_alternative_name_counts_as_registered(
    *,
    provider: Provider,
    app: Flask,
    pki: Pki,
    kind: str,
    registered: str,
    named: x509.GeneralName,
    other: x509.GeneralName,
) -> None:
    """RFC 8705, 2.1.2: each of the four kinds, which are not taken for one another."""
    add_client(provider, **TLS_CLIENT_AUTH, **{f"tls_client_auth_san_{kind}": registered})
    service = Service(app, provider)

    def issued(*names: x509.GeneralName) -> Made:
        return pki.issue(extensions=(CLIENT_AUTH, x509.SubjectAlternativeName(names)))

    assert ask(service, issued(other, named)).status_code == 200
    assert refused(ask(service, issued(other)))
    assert refused(ask(service, pki.issue()))
