"""A phone with an e-CPS, and its network."""

from pathlib import Path

import pytest
from flask import Flask

from tests.wallet.helpers import Network, enrol
from wallet_sim.phone import Phone


@pytest.fixture
def network(app: Flask) -> Network:
    return Network(app)


@pytest.fixture
def phone(app: Flask, tmp_path: Path, network: Network) -> Phone:
    return enrol(app, tmp_path / "phone", transport=network)
