"""`python -m relying_services.api`: run the API in a process of its own, over TLS."""

import ssl
from pathlib import Path

import click
from werkzeug.serving import make_server

from relying_services.api import ApiSettings, create_app
from relying_services.api.serving import CertificateHandler, tls_context


@click.command(epilog="Example: API_SECRET=… python -m relying_services.api --certificate c.pem …")
@click.option("--introspection-endpoint", required=True, help="Of its authorization server.")
@click.option("--name", default="dossiers", show_default=True, help="Its client_id there: `aud`.")
@click.option("--secret", envvar="API_SECRET", required=True, help="Or API_SECRET.")
@click.option("--port", type=int, default=8443, show_default=True)
@click.option("--certificate", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--key", type=click.Path(exists=True, path_type=Path), required=True)
@click.option(
    "--client-authority",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="PEM: the authorities, or the very certificates, of the clients it takes.",
)
def main(
    *,
    introspection_endpoint: str,
    name: str,
    secret: str,
    port: int,
    certificate: Path,
    key: Path,
    client_authority: Path,
) -> None:
    """Serve the API on the loopback until interrupted."""
    app = create_app(ApiSettings(introspection_endpoint, name, secret))
    context: ssl.SSLContext = tls_context(certificate, key, client_authority)
    server = make_server(
        "127.0.0.1",
        port,
        app,
        threaded=True,
        request_handler=CertificateHandler,
        ssl_context=context,
    )
    server.serve_forever()


if __name__ == "__main__":
    main()
