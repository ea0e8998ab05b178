"""What each behaviour of the catalogue does: by the phone's real keys, file and PIN, always."""

import secrets
from collections.abc import Callable, Mapping
from functools import partial

from wallet_sim.behaviours.catalogue import Behaviour
from wallet_sim.behaviours.hand import Done, Hand, Later, PinNotItsOwn, code_of
from wallet_sim.behaviours.line import Sent
from wallet_sim.behaviours.tampering import alter_after_signing, alter_before_signing
from wallet_sim.errors import NoAnswer, ProviderRefusal, WrongPin
from wallet_sim.phone import Phone

Act = Callable[[Hand, Behaviour], Done | Later]

_AFTER_ITS_END = 1  # seconds


def act(hand: Hand, behaviour: Behaviour) -> Done | Later:
    """Do with a request what a behaviour says; `random` must have drawn one before.

    Raises:
        PhoneError: what the phone or the provider refused.
    """
    return _ACTS[behaviour.name](hand, behaviour)


def _approve(hand: Hand, _: Behaviour | None = None) -> Done:
    hand.approve()
    return Done("approved")


def _refuse(hand: Hand, _: Behaviour) -> Done:
    hand.phone.refuse("cancelled", hand.challenge)
    return Done("refused")


def _not_me(hand: Hand, _: Behaviour) -> Done:
    hand.phone.refuse("unknown_trigger", hand.challenge)
    return Done("not_me")


def _ignore(hand: Hand, _: Behaviour) -> Done:
    del hand
    return Done("ignored")


def _delay(hand: Hand, behaviour: Behaviour) -> Later:
    return Later(hand.sight.now() + behaviour["seconds"], partial(_approve, hand))


def _approve_after_expiry(hand: Hand, _: Behaviour) -> Later:
    return Later(hand.challenge.exp + _AFTER_ITS_END, partial(_approve, hand))


def _wrong_pin(hand: Hand, behaviour: Behaviour) -> Done:
    for _ in range(behaviour["times"]):
        refused = _type_wrong_pin(hand)
        if refused.challenge is None:
            return Done(code_of(refused), str(refused))
        hand.challenge = refused.challenge
    return _approve(hand)


def _wrong_number(hand: Hand, _: Behaviour) -> Done:
    hand.type_right_pin(hand.other_number())
    return Done("approved")


def _answer_twice(hand: Hand, _: Behaviour) -> Done:
    hand.approve()
    return Done("approved", afterwards=_approve_once_more(hand))


def _replay(hand: Hand, _: Behaviour) -> Done:
    with hand.line.recording() as sent:
        hand.approve()
    return Done("approved", afterwards=hand.line.deliver(sent[0]))


def _tamper(hand: Hand, behaviour: Behaviour) -> Done:
    field = behaviour["field"]
    if behaviour["when"] == "after_signing":
        alter = partial(alter_after_signing, field=field)
    else:
        memory = hand.phone.memory()
        device_key = memory.device_key if memory else {}
        alter = partial(alter_before_signing, field=field, device_key=device_key)
    with hand.line.altering(alter):
        return _approve(hand)


def _rooted(hand: Hand, _: Behaviour) -> Done:
    before = hand.phone.set_posture().rooted
    hand.phone.set_posture(rooted=True)
    try:
        return _approve(hand)
    finally:
        hand.phone.set_posture(rooted=before)


def _sim_changed(hand: Hand, _: Behaviour) -> Done:
    own = hand.phone.set_posture().sim
    hand.phone.set_posture(sim=secrets.token_hex(8))
    try:
        return _approve(hand)
    finally:
        hand.phone.set_posture(sim=own)


def _clone(hand: Hand, _: Behaviour) -> Done:
    with hand.copy_file() as stolen:
        _type_wrong_pin(hand, stolen)
    return _approve(hand)


def _restore_old_file(hand: Hand, _: Behaviour) -> Done:
    before = hand.phone.memory()
    _type_wrong_pin(hand)
    if before is not None:
        with hand.phone.file.hold() as held:
            held.begin(before)
    return _approve(hand)


def _network_down(hand: Hand, behaviour: Behaviour) -> Done | Later:
    with hand.line.cut():
        lost = _try_in_vain(hand)
    if behaviour["seconds"] is None:
        return Done(lost.code, str(lost))
    return Later(hand.sight.now() + behaviour["seconds"], partial(_approve, hand))


def _slow(hand: Hand, behaviour: Behaviour) -> Later:
    with hand.line.holding() as held:
        _try_in_vain(hand)
    return Later(hand.sight.now() + behaviour["seconds"], partial(_arrive, hand, held[0]))


def _arrive(hand: Hand, sent: Sent) -> Done:
    told = hand.line.deliver(sent)
    recovered = hand.phone.recover()
    return Done(told, afterwards=recovered.outcome if recovered else None)


def _lose_answer(hand: Hand, _: Behaviour) -> Done:
    with hand.line.losing():
        lost = _try_in_vain(hand)
    recovered = hand.phone.recover()
    return Done(recovered.outcome if recovered else lost.code, str(lost))


def _reorder(hand: Hand, _: Behaviour) -> Done:
    with hand.line.holding() as held:
        _try_in_vain(hand)
    hand.phone.recover()
    overtaken = hand.line.deliver(held[0])
    hand.approve()
    return Done("approved", afterwards=overtaken)


def _type_wrong_pin(hand: Hand, phone: Phone | None = None) -> WrongPin:
    """Type a wrong PIN; gives the refusal. Raises every other refusal, as `Phone.approve`."""
    number = hand.shown_number()
    try:
        hand.type(hand.wrong_pin, number, phone)
    except WrongPin as refused:
        return refused
    raise PinNotItsOwn("the PIN that this phone was given is not its own: a wrong one was right")


def _try_in_vain(hand: Hand) -> NoAnswer:
    try:
        hand.approve()
    except NoAnswer as lost:
        return lost
    raise AssertionError("unreachable")


def _approve_once_more(hand: Hand) -> str:
    try:
        hand.approve()
    except ProviderRefusal as refused:
        return code_of(refused)
    return "approved"


_ACTS: Mapping[str, Act] = {
    "approve": _approve,
    "refuse": _refuse,
    "not_me": _not_me,
    "ignore": _ignore,
    "delay": _delay,
    "wrong_pin": _wrong_pin,
    "wrong_number": _wrong_number,
    "approve_after_expiry": _approve_after_expiry,
    "answer_twice": _answer_twice,
    "replay": _replay,
    "tamper": _tamper,
    "rooted": _rooted,
    "sim_changed": _sim_changed,
    "clone": _clone,
    "restore_old_file": _restore_old_file,
    "network_down": _network_down,
    "slow": _slow,
    "lose_answer": _lose_answer,
    "reorder": _reorder,
}
