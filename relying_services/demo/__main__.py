"""`python -m relying_services.demo`: run the service in a process of its own."""

from functools import partial

import click

from relying_services.demo import DemoSettings, create_app_beside
from relying_services.service.options import PORT, clock_options, clock_source
from relying_services.service.serving import serve_app


@click.command(epilog="Example: DEMO_CLIENT_SECRET=… python -m relying_services.demo")
@click.option("--issuer", default="http://localhost:8000/auth/realms/esante-wallet")
@click.option("--client-id", default="service-demo")
@click.option(
    "--client-secret", envvar="DEMO_CLIENT_SECRET", required=True, help="Or DEMO_CLIENT_SECRET."
)
@click.option("--address", default="127.0.0.1", help="IP address to listen on.")
@click.option("--port", type=PORT, default=8001, show_default=True)
@click.option("--base-url", help="Public address.  [default: http://localhost:PORT]")
@clock_options
def main(
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    address: str,
    port: int,
    base_url: str | None,
    clock_from: str | None,
    provider_secret: str,
) -> None:
    """Serve the demonstration service until interrupted."""
    public = (base_url or f"http://localhost:{port}").rstrip("/")
    settings = DemoSettings(issuer.rstrip("/"), client_id, client_secret, public)
    source = clock_source(clock_from, provider_secret)
    load = partial(create_app_beside, settings, source)
    serve_app(load, address=address, port=port, secrets="DEMO_")


if __name__ == "__main__":
    main()
