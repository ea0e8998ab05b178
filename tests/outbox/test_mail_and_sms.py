"""Mail by SMTP and SMS by the adapter (decisions 37 and 40)."""

import io
import json
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image

from idp.store.models import JournalEvent
from idp.worker.dispatcher import drain
from tests.outbox.helpers import advance, messages, provider_with, queue_mail, queue_sms
from tests.outbox.servers import http_server, mail_server


def test_a_mail_arrives_with_its_text_and_a_qr_that_reads(
    database_url: str, master_key: str
) -> None:
    with (
        mail_server() as server,
        provider_with(database_url, master_key, smtp_url=server.url) as provider,
    ):
        queue_mail(provider, qr="ecps://enrol?v=1")
        assert drain(provider, "mail") == 1
        (mail,) = server.mails
        assert (mail["To"], mail["Subject"]) == ("a@exemple.test", "Sujet accentué")
        assert mail["Auto-Submitted"] == "auto-generated"
        body = mail.get_body()
        assert body is not None
        assert body.get_content().splitlines() == ["Bonjour é", ".", "fin"]
        (image,) = mail.iter_attachments()
        (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(image.get_content())))
        assert read.text == "ecps://enrol?v=1"
        assert [m.state for m in messages(provider)] == ["sent"]
        assert drain(provider, "mail") == 0


def test_waits_grow_no_further_than_the_setting(sqlite_url: str, master_key: str) -> None:
    with provider_with(
        sqlite_url, master_key, smtp_url="smtp://127.0.0.1:1", outbox_longest_wait=3
    ) as provider:
        queue_mail(provider)
        for _ in range(4):
            assert drain(provider, "mail") == 1
            assert drain(provider, "mail") == 0
            advance(provider, timedelta(seconds=3))
        assert drain(provider, "mail") == 1


def test_without_a_carrier_a_simulation_keeps_its_messages(
    database_url: str, master_key: str
) -> None:
    with provider_with(database_url, master_key) as provider:
        queue_mail(provider)
        queue_sms(provider)
        drain(provider, "mail")
        drain(provider, "sms")
        assert [m.state for m in messages(provider)] == ["kept", "kept"]


def test_without_a_carrier_a_real_provider_fails_in_the_end_and_forgets_the_payload(
    sqlite_url: str, master_key: str
) -> None:
    with provider_with(sqlite_url, master_key, outbox_attempts=1) as provider:
        provider.kind = "real"
        queue_sms(provider)
        drain(provider, "sms")
        (message,) = messages(provider)
        assert (message.state, message.payload_sealed) == ("failed", b"")


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        ({"RCPT": "550 unknown"}, "failed"),
        ({"RCPT": "450 later"}, "pending"),
        ({"DATA": "554 refused"}, "failed"),
        ({"MAIL": "451 busy"}, "pending"),
    ],
)
def test_what_a_mail_server_refuses_for_good_is_not_tried_again(
    sqlite_url: str, master_key: str, replies: dict[str, str], state: str
) -> None:
    with (
        mail_server() as server,
        provider_with(sqlite_url, master_key, smtp_url=server.url) as provider,
    ):
        server.replies = replies
        queue_mail(provider)
        drain(provider, "mail")
        (message,) = messages(provider)
        assert message.state == state
        assert message.error is not None
        assert message.error.startswith("smtp ")


def test_an_address_that_would_forge_a_header_is_refused(sqlite_url: str, master_key: str) -> None:
    with (
        mail_server() as server,
        provider_with(sqlite_url, master_key, smtp_url=server.url) as provider,
    ):
        queue_mail(provider, to="a@exemple.test\r\nBcc: b@exemple.test")
        drain(provider, "mail")
        assert messages(provider)[0].state == "failed"
        assert server.mails == []


def test_a_server_that_is_away_is_tried_again_with_growing_waits_then_given_up(
    database_url: str, master_key: str
) -> None:
    """Decision 40: exponential waits with jitter; the end is in the journal, without secrets."""
    with provider_with(
        database_url, master_key, smtp_url="smtp://127.0.0.1:1", outbox_attempts=3
    ) as provider:
        queue_mail(provider, qr="ecps://secret")
        waits = []
        for _ in range(3):
            now = provider.clock.now()
            assert drain(provider, "mail") == 1
            waits.append((messages(provider)[0].due_at - now).total_seconds())
            assert drain(provider, "mail") == 0
            advance(provider, timedelta(hours=1))
        assert 1 <= waits[0] <= 2.5
        assert 2 <= waits[1] <= 4.5
        (message,) = messages(provider)
        assert (message.state, message.attempts) == ("failed", 3)
        with provider.store.read() as db:
            event = db.query(JournalEvent).filter_by(event="outbox:message:failed").one()
        assert "secret" not in repr(event.data)
        assert "exemple.test" not in repr(event.data)


def test_an_sms_goes_to_the_adapter_as_documented(database_url: str, master_key: str) -> None:
    """docs/sms-adapter.md."""
    with (
        http_server() as server,
        provider_with(database_url, master_key, sms_url=server.url, sms_token="jeton") as provider,
    ):
        queue_sms(provider)
        drain(provider, "sms")
        (request,) = server.requests
        assert request["headers"]["Authorization"] == "Bearer jeton"
        assert request["headers"]["Content-Type"] == "application/json"
        assert json.loads(request["body"]) == {
            "to": "+33639980001",
            "text": "code 123456",
            "id": str(messages(provider)[0].id),
        }
        assert messages(provider)[0].state == "sent"


@pytest.mark.parametrize(
    ("status", "state"),
    [(204, "sent"), (503, "pending"), (429, "pending"), (400, "failed"), (302, "failed")],
)
def test_the_adapters_status_decides(
    sqlite_url: str, master_key: str, status: int, state: str
) -> None:
    with (
        http_server() as server,
        provider_with(sqlite_url, master_key, sms_url=server.url) as provider,
    ):
        server.statuses = [status]
        server.location = server.url
        queue_sms(provider)
        drain(provider, "sms")
        assert messages(provider)[0].state == state
        assert len(server.requests) == 1


def test_a_repeated_sms_keeps_its_id(sqlite_url: str, master_key: str) -> None:
    with (
        http_server() as server,
        provider_with(sqlite_url, master_key, sms_url=server.url) as provider,
    ):
        server.statuses = [500]
        queue_sms(provider)
        drain(provider, "sms")
        advance(provider, timedelta(minutes=1))
        drain(provider, "sms")
        ids = {json.loads(request["body"])["id"] for request in server.requests}
        assert (len(server.requests), len(ids)) == (2, 1)


def test_a_code_that_lapsed_is_not_sent(sqlite_url: str, master_key: str) -> None:
    with (
        http_server() as server,
        provider_with(sqlite_url, master_key, sms_url=server.url) as provider,
    ):
        queue_sms(provider, lapses_in=timedelta(minutes=5))
        advance(provider, timedelta(minutes=6))
        drain(provider, "sms")
        assert server.requests == []
        assert messages(provider)[0].state == "failed"
