"""What the demonstration tells whoever goes on by hand."""

from idp.cli.demo_card_walk import CARD_HOLDER, CARD_NUMBER
from idp.cli.demo_services import folder_of
from idp.cli.demo_stage import Walk
from idp.cli.demo_walk import PERSON, PIN
from idp.settings import REALM_PATH

_SOMEBODY_ELSE = "899700990031"
"""Who holds no e-CPS yet, for whoever activates one by hand."""


def walk_told(walk: Walk) -> str:
    """After the walk: addresses, and what is held in the hand."""
    screen = walk.reader
    phone = walk.phone.url.rpartition("/")[2]
    return f"""{_addresses(walk)}

By phone   On the service press “Se connecter” and type {PERSON}. On the screen, the phone
           {phone} shows the request: pick the number, type the PIN {PIN} on its keypad.
By card    On the sign-in page choose “Carte CPS”, then the simulated reader: insert {CARD_NUMBER}
           ({CARD_HOLDER}) and type its code {walk.card_code}.
Activate   On the screen add a phone and activate it for {_SOMEBODY_ELSE}. Mail and SMS arrive in
           the console: drag the QR code of the mail onto the phone's camera.
With card  In my account, entered with the card, let a phone be paired: drag its QR code likewise.
Software   {walk.service}/software signs in without a browser: the phone is asked, or the card at
           {screen.url}/reader/requests
{_where(walk)}"""


def story_told(walk: Walk) -> str:
    """After a story: addresses, and the cards that lie at the reader."""
    cards = "\n".join(f"  {number}  code {code}" for number, code in walk.codes.items())
    return f"""{_addresses(walk)}

Cards at the reader, each of its own person:
{cards}
{_where(walk)}"""


def _addresses(walk: Walk) -> str:
    screen = walk.reader
    services = "\n".join(f"  {name:11} {address}" for name, address in walk.services.items())
    return f"""
Open in a browser:
  service     {walk.service}
  screen      {screen.url}   two phones and a card reader; its secret: {screen.secret}
  my account  {walk.provider}/portail
  console     {walk.console}   people, cards, messages, events; its secret: {walk.dev_secret}
Services that trust the provider, each with a page of its own (docs/services.md):
{services}"""


def _where(walk: Walk) -> str:
    database = f"sqlite:///{walk.place / 'ecps.db'}"
    return f"""
Provider's discovery  {walk.provider}{REALM_PATH}/.well-known/wallet-openid-configuration
Mails and SMS         ecps-idp outbox --database-url {database}
Mails of EspacePro    python -m relying_services.espacepro messages
                        --database-url sqlite:///{folder_of(walk.place) / "espacepro.db"}
Code for Mon compte   python -m relying_services.mon_compte letter {PERSON}
                        --database-url sqlite:///{folder_of(walk.place) / "mon_compte.db"}
                        --base-url {walk.services["mon_compte"]}
                        --clock-from {walk.provider} --provider-secret {walk.dev_secret}
A service of yours    ecps-idp client add my-service --database-url {database}
                        --redirect-uri http://localhost:3000/callback
Logs                  {walk.place}

Press Ctrl-C to end."""
