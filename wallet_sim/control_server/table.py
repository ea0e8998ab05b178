"""Every operation of the control server, in one table."""

from itertools import chain

from wallet_sim.control_server import cards, logins, phones, world
from wallet_sim.control_server.operations import Operation

OPERATIONS: tuple[Operation, ...] = tuple(
    chain.from_iterable(part.operations for part in (world, phones, cards, logins))
)
