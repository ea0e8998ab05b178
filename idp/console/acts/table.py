"""Every act of the console, in one table: a part adds its own module's `ACTS` here."""

from idp.console.acts.act import Act
from idp.console.holdings.acts import ACTS as HOLDINGS
from idp.console.operators.acts import ACTS as OPERATORS
from idp.console.people.acts import ACTS as PEOPLE
from idp.console.running.acts import ACTS as RUNNING
from idp.console.services.acts import ACTS as SERVICES

ACTS: dict[str, Act] = {
    act.name: act for act in (*PEOPLE, *HOLDINGS, *SERVICES, *RUNNING, *OPERATORS)
}
