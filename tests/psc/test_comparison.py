"""What Pro Santé Connect gave beside what is given here: `ecps-idp diff-psc`."""

import base64
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from idp import create_app
from idp.cli import main
from idp.directory.sample import SAMPLE
from idp.psc.captured import KINDS, LARGEST
from idp.psc.vintages import VINTAGES
from idp.settings import REALM_PATH
from tests.conftest import make_settings, provider_of
from tests.oauth.helpers import PERSON, Service, add_client

CAPTURED = Path(__file__).parent / "data" / "captured"
EXAMPLES = {
    example["id"]: example["userinfo"]
    for example in json.loads(SAMPLE.with_name("psc-userinfo-examples.json").read_text("utf-8"))[
        "examples"
    ]
}
FITS = {
    "gp-2-activities-card-2023": "2023",
    "gp-3-activities-edit-2021": "2021",
    "pharmacist-officine-mobile": "2023-12",
    "nurse-hospital-mobile": "2023-12",
    "podiatrist-edit-test-identity": "2023-12",
    "no-professional-data": "2023-12",
}


def run(*arguments: str | Path, vintage: str = "2023-12") -> tuple[int, str]:
    done = CliRunner().invoke(
        main, ["diff-psc", *map(str, arguments)], env={"ECPS_CLAIMS_VINTAGE": vintage}
    )
    return done.exit_code, done.output


def told(tmp_path: Path, document: Any, *options: str, vintage: str = "2023-12") -> dict[str, Any]:
    """What is said of a document, as JSON."""
    status, output = run(written(tmp_path, document), "--json", *options, vintage=vintage)
    answer: dict[str, Any] = json.loads(output)
    assert status == (0 if answer["same"] else 1)
    return answer


def written(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "captured"
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return path


def kinds_of(answer: dict[str, Any]) -> dict[str, str]:
    return {found["path"]: found["kind"] for found in answer["differences"]}


def captured(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CAPTURED / f"{name}.json").read_text("utf-8"))
    return document


def jwt_of(claims: dict[str, Any], **header: Any) -> str:
    given = {"alg": "RS256", "typ": "JWT", "kid": "k"} | header
    parts = [json.dumps(part).encode() for part in (given, claims)] + [b"signature"]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "neither a JSON object nor a JWT"),
        ("{", "is no JSON"),
        ("[1, 2]", "neither a JSON object nor a JWT"),
        ('{"a": 1}', "--kind"),
        ("a.b.c", "no base64url"),
        ("a.b.c.d.e", "encrypted: decrypt it"),
        ("e30.MQ.x", "must be a JSON object"),
        ('{"a":' * 100_000, "is no JSON"),
        (" " * (LARGEST + 1), "larger than"),
    ],
    ids=["empty", "cut", "list", "unknown", "cut token", "JWE", "no object", "deep", "large"],
)
def test_a_file_that_cannot_be_read_ends_with_2_and_says_what_to_do(
    tmp_path: Path, text: str, reason: str
) -> None:
    status, output = run(written(tmp_path, text))
    assert status == 2
    assert reason in output


def test_bytes_that_are_no_text_end_with_2(tmp_path: Path) -> None:
    path = tmp_path / "captured"
    path.write_bytes(b"\xff\xfe{")
    assert run(path)[0] == 2


@pytest.mark.parametrize("name", ["id-token-2022", "access-token-2023"])
def test_real_tokens_have_our_members_types_order_and_lifetime(name: str) -> None:
    """Pro Santé Connect's, of the phone in 2022 and of the card in 2023."""
    status, output = run(CAPTURED / f"{name}.json")
    assert (status, output) == (0, f"{name[:-5]}: same\n")


@pytest.mark.parametrize("example", sorted(FITS))
def test_each_vintage_fits_the_userinfo_of_its_time(tmp_path: Path, example: str) -> None:
    """Decision 11. An identity that was recorded without `authMode` lacks that alone."""
    vintage = FITS[example]
    answer = told(tmp_path, EXAMPLES[example], vintage=vintage)
    assert answer["best_vintage"] == vintage
    assert kinds_of(answer) in ({}, {"authMode": "missing"})


def test_another_vintage_does_not_fit_and_the_one_that_does_is_named(tmp_path: Path) -> None:
    document = EXAMPLES["gp-3-activities-edit-2021"]
    answer = told(tmp_path, document)
    assert answer["best_vintage"] == "2021"
    assert answer["differences_by_vintage"]["2021"] == 0
    assert set(answer["differences_by_vintage"]) == set(VINTAGES)
    assert kinds_of(answer) == {
        "codeGenreActivite": "missing",
        "codeCivilite": "missing",
        "authMode": "missing",
        "email_verified": "added",
        "SubjectRefPro.codeCivilite": "added",
    }
    status, output = run(written(tmp_path, document))
    assert status == 1
    assert "best matched by claims_vintage = '2021'" in output


def test_what_changed_is_told_by_kind(tmp_path: Path) -> None:
    document = json.loads(json.dumps(EXAMPLES["nurse-hospital-mobile"]))
    del document["UITVersion"]
    document["PSI"] = "123"
    document["SubjectRole"] = "60^1.2.250.1.213.1.1.5.5"
    document["PSI_Locale"] = "1.2.3"
    activity = document["SubjectRefPro"]["exercices"][0]["activities"][0]
    activity["telephone2"] = None
    activity["pays"] = "FR"
    document["sub"] = document.pop("sub")
    assert kinds_of(told(tmp_path, document)) == {
        "UITVersion": "missing",
        "PSI": "added",
        "SubjectRole": "type",
        "PSI_Locale": "value",
        "SubjectRefPro.exercices[].activities[].telephone2": "type",
        "SubjectRefPro.exercices[].activities[].pays": "added",
        "(the members)": "order",
    }


def test_a_token_is_read_as_text_and_its_signature_is_not_verified(tmp_path: Path) -> None:
    claims = captured("id-token-2022") | {"acr": "eidas2", "exp": 1665579848 + 60}
    token = jwt_of(claims, alg="PS256")
    status, output = run(written(tmp_path, token))
    assert status == 1
    assert "signature of the token was not verified" in output
    assert "header.alg: theirs PS256; ours RS256" in output
    assert "acr: theirs eidas2; ours eidas1" in output
    assert "exp - iat: theirs 60; ours 120" in output
    assert told(tmp_path, token)["signature"] == "not verified"


def test_a_member_that_stands_twice_is_told(tmp_path: Path) -> None:
    """The access tokens of 2021 carry `acr` twice."""
    text = json.dumps(captured("access-token-2023"))
    assert kinds_of(told(tmp_path, text.replace('"acr"', '"acr": "1", "acr"'))) == {
        "acr": "repeated"
    }


def test_no_secret_of_the_file_is_told(tmp_path: Path) -> None:
    secret = "eyJ-a-token-that-nobody-else-may-read"
    answer = {
        "access_token": secret,
        "expires_in": 60,
        "refresh_token": [secret],
        "an_unknown_token": secret,
        "token_type": "Bearer" + secret * 3,
    }
    for options in ((), ("--json",)):
        status, output = run(written(tmp_path, answer), *options)
        assert status == 1
        assert secret not in output
        assert "an_unknown_token" in output


def test_an_inactive_token_is_introspected_alike(tmp_path: Path) -> None:
    assert told(tmp_path, {"active": False})["same"]


def test_discovery_is_compared_by_value_wherever_it_was_captured() -> None:
    """Hosts say nothing; what is advertised does (docs/discovery-differences.md)."""
    status, output = run(CAPTURED / "discovery-2024.json", "--json")
    answer = json.loads(output)
    assert status == 1
    found = kinds_of(answer)
    assert found["check_session_iframe"] == "added"
    assert found["dpop_signing_alg_values_supported"] == "missing"
    assert found["code_challenge_methods_supported"] == "value"
    for same in ("issuer", "token_endpoint", "authorization_endpoint", "claim_types_supported"):
        assert same not in found


def test_who_reads_the_differences_of_discovery_learns_how_to_see_what_changed() -> None:
    _status, output = run(CAPTURED / "discovery-2024.json")
    assert "compare what this says of two captures" in output
    assert "code_challenge_methods_supported: theirs alone plain\n" in output


def test_every_difference_of_discovery_stands_in_its_page() -> None:
    """Decision 12: what differs from the real document is written down."""
    page = (Path(__file__).parents[2] / "docs" / "discovery-differences.md").read_text("utf-8")
    _status, output = run(CAPTURED / "discovery-2024.json", "--json")
    names = {found["path"] for found in json.loads(output)["differences"]}
    shortened = {n for n in names if n.endswith("_auth_signing_alg_values_supported")}
    shortened |= {n for n in names if n.startswith(("userinfo_enc", "authorization_enc"))}
    shortened |= {"revocation_endpoint_auth_methods_supported"}
    assert {name for name in names - shortened if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_was_named_is_believed(tmp_path: Path, kind: str) -> None:
    assert told(tmp_path, {"x": 1}, "--kind", kind)["kind"] == kind


def test_nothing_is_sent_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert run(CAPTURED / "introspection-2021.json")[0] == 1


@pytest.mark.parametrize("vintage", sorted(VINTAGES))
def test_what_is_served_is_what_captures_are_compared_with(
    tmp_path: Path, sqlite_url: str, master_key: str, vintage: str
) -> None:
    """The specimens do not drift from the endpoints, and `claims_vintage` chooses what is served.

    In userinfo and in what the commands print of a person (decision 11); no recording tells of
    tokens that changed their shape with it.
    """
    app = create_app(make_settings(sqlite_url, master_key, claims_vintage=vintage))
    provider = provider_of(app)
    add_client(provider)
    service = Service(app, provider)
    tokens = service.sign_in()
    served = {
        "token": tokens,
        "access-token": tokens["access_token"],
        "id-token": tokens["id_token"],
        "userinfo": service.userinfo(tokens["access_token"]).json,
        "introspection": service.introspect(tokens["access_token"]),
        "discovery": service.http.get(f"{REALM_PATH}/.well-known/openid-configuration").json,
    }
    provider.store.close()
    for kind, document in served.items():
        answer = told(tmp_path, document, vintage=vintage)
        assert (answer["kind"], answer["differences"]) == (kind, [])
    environment = {"ECPS_CLAIMS_VINTAGE": vintage}
    printed = ["claims", PERSON, "--json", "--database-url", sqlite_url]
    claims = json.loads(CliRunner().invoke(main, printed, env=environment).output)
    assert told(tmp_path, claims, vintage=vintage)["same"]
