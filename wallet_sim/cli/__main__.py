"""`python -m wallet_sim.cli`: the command `ecps-wallet`."""

from wallet_sim.cli import main

main(prog_name="ecps-wallet")
