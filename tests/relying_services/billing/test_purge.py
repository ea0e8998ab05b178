"""After a purge nothing of the substitute or of the situation is left (SV-12)."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.event import listen

from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from tests.relying_services.billing.cards import activity
from tests.relying_services.billing.surgery import SUBSTITUTE, Surgery, error_of
from tests.relying_services.signed_in import post

NUMBER, STRUCTURE = "991000043", "CABINET ÉPHÉMÈRE"
ISSUED = {"invoice", "batch", "return_message"}
"""What was issued stays (SV-12)."""
RECORD = {"service_trace"}
"""Who did what with which card stays as long as the law asks, under identifiers alone (SV-13)."""


def rows(store: Store) -> dict[str, str]:
    """Everything that each table holds, as text."""
    with store.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {
            name: "\n".join(
                str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}"))
            )
            for name in names
        }


def files(tmp_path: Path) -> bytes:
    """Every byte of the database: its file, and its write-ahead log."""
    return b"".join(path.read_bytes() for path in sorted(tmp_path.glob("service.db*")))


def memorable(surgery: Surgery) -> None:
    surgery.doctor.activities = [
        activity("A-cabinet", number=NUMBER, convention="1", zone="20", structure=STRUCTURE)
    ]


def test_a_one_off_is_offered_the_purge_when_it_is_closed(surgery: Surgery) -> None:
    """SV-12: offered, and said to be for good; nothing goes by itself."""
    name, _ = surgery.working()
    surgery.act(name, "deactivate")
    browser = surgery.sign_in(surgery.doctor)
    page = browser.get(f"/replacements/{name}")
    assert "vous pouvez supprimer tout ce qui a été mémorisé" in page.text
    assert "Les feuilles de soins déjà émises sont conservées." in (
        browser.get(f"/replacements/{name}/purge").text
    )
    assert surgery.state(name) == "desactivee"


def test_nothing_is_purged_before_the_end_or_by_others(surgery: Surgery) -> None:
    """SV-12, attack: the substitute, or the doctor without the card."""
    name, browser = surgery.working()
    assert error_of(surgery.act(name, "purge")) == "wrong_state"
    surgery.act(name, "deactivate")
    surgery.insert(surgery.substitute)
    assert post(browser, f"/replacements/{name}/purge").status_code == 404
    doctor = surgery.sign_in(surgery.doctor)
    surgery.insert(surgery.substitute)
    assert error_of(post(doctor, f"/replacements/{name}/purge")) == "card_of_another"
    assert surgery.state(name) == "desactivee"


def test_after_a_purge_no_file_of_the_database_knows_the_substitute(
    surgery: Surgery, tmp_path: Path
) -> None:
    """SV-12: of a preparation that nobody used, not one byte is left."""
    memorable(surgery)
    name = surgery.prepare()
    known = [
        SUBSTITUTE, SUBSTITUTE.removeprefix("8"), "Basile", "ALTERNE",
        NUMBER, STRUCTURE, "A-cabinet",
    ]  # fmt: skip
    assert all(each.encode() in files(tmp_path) for each in known)
    surgery.act(name, "deactivate")
    assert surgery.act(name, "purge").location == "/"
    left = files(tmp_path)
    assert [each for each in known if each.encode() in left] == []


def test_after_a_purge_only_the_record_says_that_the_substitute_was_here(
    surgery: Surgery, tmp_path: Path
) -> None:
    """SV-12, SV-13: the session was used, and no invoice was issued."""
    memorable(surgery)
    name, browser = surgery.working()
    surgery.act(name, "deactivate")
    surgery.act(name, "purge")
    held = rows(service_of(surgery.app).store)
    assert {each for each, said in held.items() if SUBSTITUTE in said} == RECORD
    left = files(tmp_path)
    for each in ("Basile", "ALTERNE", NUMBER, STRUCTURE, "A-cabinet", "A-remplacement"):
        assert each.encode() not in left
    # The substitute is signed out of this workstation too.
    assert browser.get("/").location == "/login"


def test_a_sign_in_that_was_over_before_the_purge_is_forgotten_too(surgery: Surgery) -> None:
    """SV-12: the doctor comes back days after the substitute's last sign-in was cut."""
    name, _ = surgery.working()
    surgery.clock.move(timedelta(hours=5))
    surgery.act(name, "deactivate")
    surgery.act(name, "purge")
    held = rows(service_of(surgery.app).store)
    assert {each for each, said in held.items() if SUBSTITUTE in said} == RECORD


def test_a_purge_that_a_reader_of_the_file_holds_up_says_so(
    surgery: Surgery, tmp_path: Path
) -> None:
    """SV-12: the write-ahead log is not emptied while somebody reads; the next start does it."""
    memorable(surgery)
    name = surgery.prepare()
    surgery.act(name, "deactivate")
    store = service_of(surgery.app).store
    listen(store.engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout=20"))
    with store.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM replacement"))
        went = surgery.act(name, "purge")
        assert (went.status_code, error_of(went)) == (503, "log_not_emptied")
        assert NUMBER.encode() in files(tmp_path)
        assert NUMBER not in str(rows(store))
    service_of(surgery.started_again()).store.close()
    assert NUMBER.encode() not in files(tmp_path)


def test_issued_invoices_stay_and_nothing_else(surgery: Surgery) -> None:
    """SV-12: the claims and their batches are what was billed; they are kept as they are."""
    memorable(surgery)
    name, browser = surgery.working()
    surgery.bill(browser, name)
    post(browser, "/batches", replacement=name, invoices=["1"])
    before = rows(service_of(surgery.app).store)
    surgery.act(name, "deactivate")
    surgery.act(name, "purge")
    after = rows(service_of(surgery.app).store)
    assert after["invoice"] == before["invoice"]
    assert after["batch"] == before["batch"]
    for table, said in after.items():
        if table not in ISSUED:
            assert NUMBER not in said
            assert "ALTERNE" not in said
            assert table in RECORD or SUBSTITUTE not in said
    assert surgery.sign_in(surgery.doctor).get("/invoices/1").status_code == 200
    assert surgery.sign_in(surgery.doctor).get(f"/replacements/{name}").status_code == 404
    assert error_of(surgery.activate(name)[1]) == "no_prepared_session"


def test_a_purge_is_traced_without_naming_the_substitute(surgery: Surgery) -> None:
    """SV-12, SV-13: who deleted, with which card."""
    name = surgery.prepare()
    surgery.act(name, "deactivate")
    surgery.act(name, "purge")
    entry = surgery.traced()[-1]
    assert (entry.action, entry.actor) == ("replacement:purge", surgery.doctor.national_id)
    assert entry.details == {
        "card": surgery.doctor.number, "before": "desactivee", "after": "purgee",
    }  # fmt: skip
