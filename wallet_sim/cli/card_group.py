"""`ecps-wallet card …`, whole: the commands of the card, of its files and of its requests."""

from wallet_sim.cli.card import card
from wallet_sim.cli.card_files import export_pem, sign, verify
from wallet_sim.cli.card_requests import approve, refuse, requests

for command in (sign, verify, export_pem, requests, approve, refuse):
    card.add_command(command)

__all__ = ["card"]
