"""The list of revoked certificates: fetched, verified, and used while it is in force (RFC 5280, 5).

Without a list in force no card is taken: who opposes a card must be able to rely on it. A card that
its holder has not activated yet is on hold there (SV-07, docs/cards.md 2).
"""

import threading
from datetime import datetime, timedelta

import requests
from cryptography import x509

from relying_services.billing.authority import Authority, NotOfAuthority
from relying_services.billing.card_errors import CardNotActivated, CardOpposed, ListUnavailable

_LARGEST = 32 * 1024 * 1024


class RevocationList:
    """The authority's list.

    Args:
        authority: who signs it.
        url: where it is published.
        http: how it is asked for.
        timeout: seconds.
        kept: how long it is used before it is asked for again.
        hold_kept: how long where it says that the card in the reader is not activated: whoever has
            just activated theirs is not to wait for the rest of ``kept``. And where none is in
            force: every request asks then, and a publisher that is down is not asked by each.
    """

    def __init__(
        self,
        authority: Authority,
        url: str,
        http: requests.Session,
        *,
        timeout: float,
        kept: timedelta,
        hold_kept: timedelta,
    ) -> None:
        self._authority = authority
        self._url = url
        self._http = http
        self._timeout = timeout
        self._kept = kept
        self._hold_kept = hold_kept
        self._lock = threading.Lock()
        self._held: x509.CertificateRevocationList | None = None
        self._asked_at: datetime | None = None

    def check(self, certificates: list[x509.Certificate], now: datetime) -> None:
        """Hold certificates to the list.

        Raises:
            CardOpposed: one of them is revoked for good.
            CardNotActivated: one of them is on hold.
            ListUnavailable: no list is in force now.
        """
        try:
            _check(certificates, self.current(now))
        except CardNotActivated:
            # It may have been activated since the list was made.
            _check(certificates, self._asked_for_within(self._hold_kept, now))

    def current(self, now: datetime) -> x509.CertificateRevocationList:
        """The list in force.

        Raises:
            ListUnavailable: none is.
        """
        return self._asked_for_within(self._kept, now)

    def _asked_for_within(self, kept: timedelta, now: datetime) -> x509.CertificateRevocationList:
        with self._lock:
            if self._is_to_be_fetched(now, kept):
                self._asked_at = now
                self._fetch(now)
            if self._held is None or not _is_in_force(self._held, now):
                raise ListUnavailable
            return self._held

    def _is_to_be_fetched(self, now: datetime, kept: timedelta) -> bool:
        if self._asked_at is None:
            return True
        if self._held is None or not _is_in_force(self._held, now):
            kept = self._hold_kept
        # Also where the last answer was none: a publisher that hangs must not hold up each invoice.
        # To either side: of requests at once, one that began earlier may come here later.
        return abs(now - self._asked_at) >= kept

    def _fetch(self, now: datetime) -> None:
        """Take the list that is published, if it is good; else the one held stays as it is."""
        try:
            answer = self._http.get(self._url, timeout=self._timeout)
            answer.raise_for_status()
            if len(answer.content) > _LARGEST:
                return
            fetched = x509.load_der_x509_crl(answer.content)
            self._authority.check_list(fetched)
        except (requests.RequestException, ValueError):
            return
        if _is_in_force(fetched, now) and not self._is_older(fetched):
            self._held = fetched

    def _is_older(self, fetched: x509.CertificateRevocationList) -> bool:
        """Whether it is one from before the list held: it would forget what was revoked since."""
        return self._held is not None and _number(fetched) < _number(self._held)


def load_list(data: bytes, authority: Authority, now: datetime) -> x509.CertificateRevocationList:
    """A list from a file.

    Raises:
        ListUnavailable: it is not of this authority, or not in force now.
    """
    try:
        loaded = x509.load_der_x509_crl(data)
        authority.check_list(loaded)
    except (ValueError, NotOfAuthority) as error:
        raise ListUnavailable from error
    if not _is_in_force(loaded, now):
        raise ListUnavailable
    return loaded


def reason_of(entry: x509.RevokedCertificate) -> x509.ReasonFlags:
    """Why a certificate is revoked (RFC 5280, 5.3.1).

    `certificate_hold`: its card is not activated yet. Whatever else: for good.
    """
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return x509.ReasonFlags.unspecified


def _check(certificates: list[x509.Certificate], listed: x509.CertificateRevocationList) -> None:
    entries = [
        listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
        for certificate in certificates
    ]
    reasons = {reason_of(entry) for entry in entries if entry is not None}
    if reasons - {x509.ReasonFlags.certificate_hold}:
        raise CardOpposed
    if reasons:
        raise CardNotActivated


def _is_in_force(listed: x509.CertificateRevocationList, now: datetime) -> bool:
    # Not when it began: the authority's clock may be a little ahead of this workstation's.
    ends_at = listed.next_update_utc
    return ends_at is not None and now < ends_at


def _number(listed: x509.CertificateRevocationList) -> int:
    try:
        return listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return 0
