"""Addresses: two host names, TLS by the development authority, further issuers mounted below."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import commands
from tests.e2e.callback import Callback, running_callback
from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, RunningPhone, running_demonstration
from tests.serving.running import DEV_SECRET, free_port_base, running_provider

pytestmark = pytest.mark.slow

PIN = "2580"
MOUNT = "/r/hopital"
REALM = "/auth/realms/esante-wallet"


def ask_phone(page: Page, address: str) -> str:
    page.goto(address)
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    return page.locator("#challenge-number").inner_text()


def approve(home: Path, number: str, **environment: str) -> None:
    arguments = ["approve", "--pin", PIN, "--number", number]
    done = commands.wallet(home, *arguments, **environment)
    assert done.returncode == 0, done.stderr


# -- two host names ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """Pages on `wallet.localhost`, the protocol on `localhost`, an issuer mounted below."""
    folder: Path = tmp_path_factory.mktemp("issuers")
    base = free_port_base()
    mounted = folder / "hopital.toml"
    mounted.write_text(
        f'database_url = "sqlite:///{folder / "hopital.db"}"\n'
        'service_name = "Hôpital de simulation"\n'
        "kdf_log2_cost = 10\n",
        "utf-8",
    )
    with running_demonstration(
        folder,
        port_base=base,
        wallet_base_url=f"http://wallet.localhost:{base}",
        mounts=f'{{"hopital": "{mounted}"}}',
    ) as running:
        yield running


def test_pages_stand_on_one_host_and_the_protocol_on_the_other(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """Decision 4."""
    page, onlooker = open_browser()
    pages = f"http://wallet.localhost:{demonstration.provider.port_base}"
    number = ask_phone(page, f"{demonstration.service}/login")
    assert page.url.startswith(f"{pages}/signin/")
    demonstration.phone.approve(number)
    page.wait_for_url(f"{demonstration.service}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)
    hosts = {cookie["domain"] for cookie in page.context.cookies() if "ecps" in cookie["name"]}
    assert hosts == {"wallet.localhost"}
    page.click("#logout")
    page.wait_for_url(f"{demonstration.service}/signed-out**")
    page.goto(f"{demonstration.service}/login")
    expect(page.locator("[name=national_id]")).to_be_visible()
    onlooker.check_silence()


def test_the_alias_under_the_issuer_leads_to_the_host_of_the_pages(
    demonstration: Demonstration,
) -> None:
    """Decision 4: `{issuer}/protocol/openid-connect/auth`."""
    alias = f"{demonstration.provider.issuer}/protocol/openid-connect/auth?client_id=x&state=y"
    answer = httpx.get(alias, trust_env=False)
    assert answer.status_code == 307
    base = demonstration.provider.port_base
    assert answer.headers["Location"] == (
        f"http://wallet.localhost:{base}/auth?client_id=x&state=y"
    )


# -- an issuer mounted below -------------------------------------------------------------------


def test_a_mounted_issuer_has_people_phones_sessions_and_keys_of_its_own(
    demonstration: Demonstration, open_browser: Open, tmp_path: Path
) -> None:
    """Decision 5."""
    provider = demonstration.provider
    mount = provider.base_url + MOUNT
    page, onlooker = open_browser()
    demonstration.phone.approve(ask_phone(page, f"{demonstration.service}/login"))
    page.wait_for_url(f"{demonstration.service}/")
    with running_callback(_at_mount(demonstration)) as callback:
        address = callback.request(_at_mount(demonstration))
        number = ask_phone(page, address)  # the session of the first issuer signs nobody in here
        assert demonstration.phone.look("pending")["challenges"] == []
        page.click("button.quiet")
        home = tmp_path / "phone"
        commands.enrol(home, idp=mount, secret=DEV_SECRET, pin=PIN)
        number = ask_phone(page, address)
        expect(page.locator("a.name")).to_contain_text("Hôpital de simulation")
        approve(home, number)
        page.wait_for_url(f"{callback.url}?**")
        answer = callback.answers[-1][1]
        assert answer["iss"] == mount + REALM
        assert redeem(mount, callback).status_code == 200
        assert demonstration.phone.look("status")["provider"]["state"] == "active"
        page.goto(f"{mount}/deconnexion")
        page.click("button.primary")
    page.goto(f"{demonstration.service}/login")
    page.wait_for_url(f"{demonstration.service}/")  # the first issuer's session went on
    assert keys(mount) & keys(provider.base_url) == set()
    onlooker.check_silence()


def redeem(base_url: str, callback: Callback, **options: ssl.SSLContext) -> httpx.Response:
    with httpx.Client(trust_env=False, **options) as client:  # type: ignore[arg-type]
        return client.post(
            f"{base_url}{REALM}/protocol/openid-connect/token",
            data={
                "grant_type": "authorization_code",
                "code": callback.answers[-1][1]["code"],
                "redirect_uri": callback.url,
            },
            auth=("rappel", callback.secret),
        )


def keys(base_url: str) -> set[str]:
    certs = httpx.get(f"{base_url}{REALM}/protocol/openid-connect/certs", trust_env=False).json()
    return {key["kid"] for key in certs["keys"]}


def _at_mount(demonstration: Demonstration) -> Demonstration:
    """The same processes, seen from the mounted issuer."""
    provider = demonstration.provider
    mounted = type(provider)(
        base_url=provider.base_url + MOUNT,
        dev_secret=provider.dev_secret,
        database_url=provider.database_url.replace("ecps.db", "hopital.db"),
        port_base=provider.port_base,
        process=provider.process,
        log=provider.log,
        ports=provider.ports,
    )
    return Demonstration(mounted, demonstration.phone)


# -- TLS ---------------------------------------------------------------------------------------


def test_everything_works_over_tls_with_the_generated_authority(
    open_browser: Open, tmp_path: Path
) -> None:
    """Decision 4: discovery, activation, sign-in, tokens; cookies that demand https."""
    with running_provider(tmp_path, options=("--tls",)) as provider:
        base_url = f"https://localhost:{provider.port_base + 4}"
        authority = tmp_path / "ecps.db.tls" / "ca.pem"
        trusting = ssl.create_default_context(cafile=authority)
        with httpx.Client(trust_env=False, verify=trusting) as client:
            discovery = client.get(f"{base_url}{REALM}/.well-known/openid-configuration").json()
        addresses = [value for value in discovery.values() if str(value).startswith("http")]
        assert discovery["issuer"] == base_url + REALM
        assert all(address.startswith(f"{base_url}/") for address in addresses)
        trust = {"SSL_CERT_FILE": str(authority)}
        home = tmp_path / "phone"
        commands.enrol(home, idp=base_url, secret=provider.dev_secret, pin=PIN, **trust)
        provider.base_url = base_url
        page, onlooker = open_browser(ignore_https_errors=True)
        with running_callback(Demonstration(provider, RunningPhone(""))) as callback:
            request = callback.request(Demonstration(provider, RunningPhone("")))
            approve(home, ask_phone(page, request), **trust)
            page.wait_for_url(f"{callback.url}?**")
            assert redeem(base_url, callback, verify=trusting).status_code == 200
        cookies = [each for each in page.context.cookies() if "ecps" in each["name"]]
        assert {each["name"] for each in cookies} >= {"__Host-ecps_session", "__Host-ecps_browser"}
        assert all(each["secure"] and each["httpOnly"] for each in cookies)
        onlooker.check_silence()
