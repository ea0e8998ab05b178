"""The fund's side of the mailbox, simulated: it verifies each batch, and answers (ARL).

What comes back is what a real verification finds: a batch that was tampered with is refused.
"""

from datetime import datetime

from cryptography import x509
from sqlalchemy.orm import Session

from relying_services.billing.authority import Authority
from relying_services.billing.batch_file import BatchWrong, verify_batch
from relying_services.billing.store import batches as store


def answer_all(
    db: Session,
    owner: str,
    authority: Authority,
    revoked: x509.CertificateRevocationList,
    now: datetime,
) -> int:
    """Answer the batches of a mailbox that have no answer yet; gives how many were answered."""
    answered = 0
    for batch in store.unanswered(db, owner):
        reason = ""
        try:
            verify_batch(batch.text, batch.signed, authority, revoked)
        except BatchWrong as error:
            reason = str(error)
        answered += store.answer(db, batch, now, reason)
    return answered
