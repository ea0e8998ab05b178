"""Every fault that a simulation commits on demand: the one list, for the code and the documents."""

from idp.dev.faults import (
    documents,
    id_token,
    logout_token,
    redirects,
    tokens,
    transport,
    userinfo,
)
from idp.dev.faults.fault import Fault

CATALOGUE: dict[str, Fault] = {
    fault.name: fault
    for part in (transport, documents, redirects, id_token, tokens, userinfo, logout_token)
    for fault in part.FAULTS
}
"""By name, in the order in which they are read about."""
