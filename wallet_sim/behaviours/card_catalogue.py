"""What the holder of a card may be told to do when it is asked for."""

from collections.abc import Mapping

from wallet_sim.behaviours.catalogue import Entry, Parameter

CARD_CATALOGUE: Mapping[str, Entry] = {
    "sign_in": Entry(
        "Inserts the card, types its code, and signs in.",
        "Believes the certificate by the card's signature of the handshake; or names why not: "
        "`card_not_activated`, `card_opposed`, `card_expired`, …",
        "tokens; or unanswered, and the page says why",
    ),
    "wrong_code": Entry(
        "Types wrong codes, then the right one.",
        "Counts each try, whatever copy of the card made it (decision 31).",
        "tokens",
        {"times": Parameter("wrong codes in a row", 1, int, 1, 2)},
    ),
    "until_blocked": Entry(
        "Types wrong codes until the card is blocked.",
        "Evaluates no code of this card any more, until it is unblocked.",
        "unanswered",
    ),
    "unblock": Entry(
        "Types wrong codes until the card is blocked, then its unblocking code, and signs in; the "
        "code stays what it was.",
        "Takes the new code, and gives the tries back.",
        "tokens",
    ),
    "withdraw": Entry(
        "Types the right code, and takes the card out before it has signed in.",
        "Sees the code, and no sign-in.",
        "unanswered",
    ),
    "ignore": Entry(
        "Leaves the card in its pocket.",
        "Sees nothing.",
        "unanswered",
    ),
}
