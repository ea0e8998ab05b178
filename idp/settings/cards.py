"""Cards, and pairing a phone with one (decisions 30 to 34)."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class CardSettings(BaseModel):
    """Cards, and pairing a phone with one (decisions 30 to 34)."""

    card_base_url: str = Field(
        "",
        description="Public https address of the listener that asks for the card's certificate; "
        "empty: nobody signs in with a card here.",
    )
    card_reader_url: str = Field(
        "", description="Address of the simulated card reader's page, offered on a simulation."
    )
    card_families: list[str] = Field(
        default_factory=lambda: ["CPS", "CPF"],
        description="Families of cards that a client takes unless its `card_families` say "
        "otherwise (decision 30).",
    )
    card_version: str = Field("CPS4", description="Version of newly ordered cards (CP-16).")
    card_lifetime: Seconds = seconds(
        (3 * 365 - 1) * 86400, "Validity of a card and its certificates, 3 years at most (CP-10)."
    )
    card_renewal_lead: Seconds = seconds(
        30 * 86400, "How long before its end a card is renewed: one month (CP-11)."
    )
    card_max_activities: int = Field(
        8, ge=1, description="Activities that one card carries; more need a second (CP-09)."
    )
    card_pending_shown: int = Field(
        5, ge=1, description="Waiting requests that a card is given at once (decision 34)."
    )
    card_code_tries: int = Field(3, ge=1, description="Wrong codes in a row that block a card.")
    card_unblock_tries: int = Field(
        3, ge=1, description="Wrong unblocking codes in a row; then the card must be replaced."
    )
    card_delivery: Seconds = seconds(
        14 * 86400, "Average delay shown from the CPAM's step to reception (CP-05)."
    )
    card_postal_delay: Seconds = seconds(5 * 86400, "How long a card is in the post.")
    card_code_letter_delay: Seconds = seconds(
        86400, "How long after the card the letter with its code is posted (CP-06)."
    )
    card_job_interval: Seconds = seconds(
        60, "Pause between two runs of the cards' job: arrival, renewal, expiry (CP-10, CP-11)."
    )
    card_batch: int = Field(200, ge=1, description="Cards looked at in one transaction by a job.")
    card_approval_lifetime: Seconds = seconds(
        60, "How long an accepted card waits for the browser that began the sign-in."
    )
    crl_lifetime: Seconds = seconds(86400, "Until when a list of revoked cards is good.")
    ocsp_lifetime: Seconds = seconds(300, "Until when an OCSP answer is good.")
    pairing_qr_lifetime: Seconds = seconds(90, "Life of the QR that pairs a phone (EC-22).")
    pairing_lifetime: Seconds = seconds(
        600, "From the scan: time to type the code on the portal and choose the PIN."
    )
    pairing_card_age: Seconds = seconds(
        900, "A phone is paired within this time after the card signed in."
    )
