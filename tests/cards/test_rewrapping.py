"""Cards go on under a new master key (decision 23)."""

from pathlib import Path

import pytest

from idp import create_app
from idp.cards.authority import standing_authority
from idp.cards.codes import SEAL
from idp.keys.sealing import SealBroken
from idp.provider import Provider
from tests.cards.helpers import Line, issued_card, make_card, order_card
from tests.cli.helpers import run
from tests.conftest import provider_of

OTHER_KEY = "B" * 43


def test_shares_and_the_authority_survive_a_new_master_key(
    provider: Provider, tmp_path: Path
) -> None:
    """Decision 23; decision 31: else every card would be dead, and its codes burnt in vain."""
    card = issued_card(provider)
    never_made = order_card(provider)
    key_file = tmp_path / "new.key"
    key_file.write_text(OTHER_KEY)
    database = Path(str(provider.store.url.database))
    key = provider.settings.master_key
    result = run(
        database,
        *("key", "rewrap", "--new-master-key-file", str(key_file)),
        ECPS_MASTER_KEY=key.get_secret_value(),
    )
    assert result.exit_code == 0, result.output
    renewed = create_app(provider.settings.model_copy(update={"master_key": type(key)(OTHER_KEY)}))
    given = Line(provider_of(renewed), card, renewed).present().get_json()
    assert given["evaluation"] == card.given["evaluations"]["code"]
    sealed = Line(provider, card, renewed).row.share_sealed
    assert sealed is not None
    with pytest.raises(SealBroken):
        provider.sealer.open(sealed, purpose=SEAL)
    assert standing_authority(provider_of(renewed)).certificate == card.chain[0]
    made = make_card(provider_of(renewed), never_made)
    made.authentication.verify_directly_issued_by(card.chain[0])
    provider_of(renewed).store.close()
