"""The five tabs as they are seen, and who must choose an activity first."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.mon_compte.settings import MonCompteSettings
from relying_services.service.app import service_of
from relying_services.service.settings import WrongSetting
from relying_services.service.store.models import SessionRow
from tests.relying_services.mon_compte.rows import OWNER, practice, today, write
from tests.relying_services.signed_in import post, sign_in

TABS = [
    "vos informations personnelles",
    "vos paiements",
    "votre activité",
    "vos commandes d’imprimés",
    "formulaire de contact",
]
ADDRESSES = ["/informations", "/paiements", "/activite", "/imprimes", "/contact"]
TWO_ACTIVITIES = {
    "exercices": [
        {
            "codeProfession": "10",
            "activities": [
                {"raisonSocialeSite": "CABINET DU LAVOIR", "numeroVoie": "2", "libelleVoie": "R X"},
                {"raisonSocialeSite": "CLINIQUE DES BRUMES"},
            ],
        }
    ]
}


@pytest.fixture
def browser(account: Flask) -> FlaskClient:
    return sign_in(account, OWNER)


@pytest.mark.parametrize("address", ["/", *ADDRESSES, "/paiements/tiers-payant"])
def test_every_page_has_exactly_the_five_tabs(browser: FlaskClient, address: str) -> None:
    """MA-02: five tabs, by these names, in this order."""
    page = browser.get(address).text
    (tabs,) = re.findall(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert re.findall(r"<a [^>]*>(.*?)</a>", tabs) == TABS
    assert re.findall(r'href="([^"]*)"', tabs) == ADDRESSES


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_tab_says_that_it_is_the_current_one(browser: FlaskClient, address: str) -> None:
    """MA-02; RGAA 12.2: the place in the way around is told."""
    page = browser.get(address)
    assert page.status_code == 200
    assert f'<a href="{address}" aria-current="page">' in page.text


def test_every_page_has_a_title_of_its_own_and_one_heading(browser: FlaskClient) -> None:
    """RGAA 8.5, 9.1."""
    pages = ["/", *ADDRESSES, "/paiements/tiers-payant", "/paiements/aide-teletransmission"]
    texts = [browser.get(address).text for address in pages]
    titles = [re.findall(r"<title>(.*?)</title>", text)[0] for text in texts]
    assert len(set(titles)) == len(pages)
    assert [text.count("<h1") for text in texts] == [1] * len(pages)


@pytest.mark.parametrize(
    "address", ["/", *ADDRESSES, "/paiements/1", "/paiements/tiers-payant.csv"]
)
def test_nobody_sees_a_tab_before_signing_in(account: Flask, address: str) -> None:
    """MA-10: without a session there is the sign-in and nothing else."""
    assert account.test_client().get(address).location == "/login"


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_several_activities_chooses_one_first(account: Flask, address: str) -> None:
    """CP-08: the place is kept over the choice."""
    browser = sign_in(account, OWNER, activity={"raisonSocialeSite": "CABINET"})
    assert browser.get(address).status_code == 200
    undecided = sign_in(account, OWNER, SubjectRefPro=TWO_ACTIVITIES)
    with service_of(account).store.begin() as db:
        (row,) = [each for each in db.query(SessionRow) if each.userinfo]
        row.activity = None
    assert undecided.get(address).location == "/activity"
    assert post(undecided, "/activity", activity="1").location == address
    assert undecided.get(address).status_code == 200


def test_personal_information_is_what_userinfo_tells_and_the_fund_knows(account: Flask) -> None:
    """MA-02: the identity as the provider tells it, beside the numbers of the fund."""
    practice(account, "991000019")
    browser = sign_in(account, OWNER, SubjectRefPro=TWO_ACTIVITIES)
    page = browser.get("/informations").text
    for told in ("Solène MARGELLE", OWNER, "99700990015", "Médecin", "CABINET DU LAVOIR", "2 R X"):
        assert told in page
    assert "N° d’assurance maladie" in page
    assert "<code>991000019</code>" in page
    assert "n’a pas de dossier à votre nom" in page


def test_activity_is_listed_month_by_month_with_its_total(
    account: Flask, browser: FlaskClient
) -> None:
    """MA-02: amounts as French writes them, from whole cents."""
    assert "Aucune activité sur cette période." in browser.get("/activite").text
    this_month = today(account).replace(day=1)
    for month in (this_month, (this_month - timedelta(days=1)).replace(day=1)):
        write(
            account,
            "activity",
            owner=OWNER,
            month=month,
            patients=10,
            consultations=20,
            visits=2,
            procedures=1,
            amount=100005,
        )
    page = browser.get("/activite").text.replace("\u202f", " ").replace("\xa0", " ")
    assert "1 000,05 €" in page
    assert "2 000,10 €" in page


@pytest.mark.parametrize("name", ["page_rows", "export_rows", "draft_hours", "questions_a_day"])
def test_a_limit_of_nothing_is_refused_at_start(name: str) -> None:
    with pytest.raises(WrongSetting, match=f"{name} must be 1 or more"):
        MonCompteSettings("i", "c", "s", "http://localhost", "sqlite://", **{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("months", [0, 19])
def test_more_than_eighteen_months_are_not_shown(months: int) -> None:
    """MA-03: the setting is bounded."""
    with pytest.raises(WrongSetting, match="months must be 1 to 18"):
        MonCompteSettings("i", "c", "s", "http://localhost", "sqlite://", months=months)
