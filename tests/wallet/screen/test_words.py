"""What a refusal says: every one has words, in both languages, and none is the provider's."""

from http import HTTPStatus

import pytest

from wallet_sim import errors
from wallet_sim.errors import DeviceInactive, PhoneError, PinRefused, ProviderRefusal, WrongPin
from wallet_sim.screen.explaining import explain, explain_status

KINDS = sorted(
    {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, PhoneError)
    },
    key=lambda kind: kind.__name__,
)


def made(kind: type[PhoneError]) -> PhoneError:
    if issubclass(kind, ProviderRefusal):
        return kind({"code": kind.code, "detail": "words of the provider", "tries_left": 2}, 403)
    if kind is PinRefused:
        return PinRefused("length", "words of the machine")
    return kind("words of the machine")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_refusal_has_words_of_its_own_in_both_languages(kind: type[PhoneError]) -> None:
    french, english = explain(made(kind), "fr"), explain(made(kind), "en")
    assert french != english
    assert "words of" not in french + english
    assert "{" not in french + english
    if kind not in {PhoneError, ProviderRefusal}:
        parent = kind.__mro__[1]
        assert french != explain(made(parent), "fr") or parent is PhoneError


@pytest.mark.parametrize("state", ["blocked", "suspended", "revoked", "expired"])
def test_the_state_of_an_e_cps_is_told(state: str) -> None:
    """EC-27."""
    refused = DeviceInactive({"code": "device_inactive", "state": state}, 403)
    plain = DeviceInactive({"code": "device_inactive"}, 403)
    assert explain(refused, "fr") != explain(plain, "fr")


def test_the_last_wrong_pin_tells_when_and_not_how_many() -> None:
    refused = WrongPin({"code": "wrong_pin", "retry_at": 1_800_000_000}, 403)
    assert "troisième" in explain(refused, "fr")
    assert "third" in explain(refused, "en")


@pytest.mark.parametrize("status", list(HTTPStatus))
def test_every_http_refusal_has_words(status: HTTPStatus) -> None:
    assert explain_status(status, "fr") != explain_status(status, "en")
