"""What the certification plan of FAPI 2.0 Security Profile checks of a provider.

Every test runs in the variants of the plan that its module belongs to: the client proves who it
is by an assertion or a certificate, and its tokens are bound to a DPoP key or to the certificate.
"""

from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.conformance.fapi import (
    VARIANTS,
    name_of,
)

BY_ASSERTION = [variant for variant in VARIANTS if variant.authentication == "private_key_jwt"]
BY_DPOP = [variant for variant in VARIANTS if variant.bound_by == "DPoP"]
by_assertion = pytest.mark.parametrize("variant", BY_ASSERTION, ids=name_of)
by_dpop = pytest.mark.parametrize("variant", BY_DPOP, ids=name_of)
STRANGERS_KEY = ECKey.generate_key("P-256")


def error(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json["error"])
