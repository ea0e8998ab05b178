"""A service that cannot be served says so in a sentence, with the way out."""

import socket
from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import CliRunner, Result

from relying_services.catalogue.__main__ import main as catalogue
from relying_services.demo.__main__ import main as demo

Serve = Callable[..., Result]


@pytest.fixture(params=["of the kit", "of the demonstration"])
def serve(request: pytest.FixtureRequest, service_url: str) -> Serve:
    """Serves until the command gives up."""

    def served(*options: str) -> Result:
        own = ["--issuer", "http://localhost:1", "--client-id", "c", "--client-secret", "s"]
        if request.param == "of the kit":
            return run(catalogue, "serve", "--database-url", service_url, *own, *options)
        return run(demo, *own, *options)

    return served


def run(command: click.Command, *given: str) -> Result:
    return CliRunner().invoke(command, given)


@pytest.fixture
def taken() -> Iterator[str]:
    """A port where somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield str(held.getsockname()[1])


def test_a_taken_port_is_named_with_the_way_out(serve: Serve, taken: str) -> None:
    """It used to end in the traces of two languages."""
    ended = serve("--port", taken)
    assert ended.exit_code == 1
    assert ended.output == f"Error: port {taken} is taken: choose another with --port\n"


def test_an_address_of_another_machine_is_not_called_a_taken_port(serve: Serve, taken: str) -> None:
    ended = serve("--address", "192.0.2.1", "--port", taken)
    assert ended.exit_code == 1
    assert ended.output.startswith(f"Error: 192.0.2.1 port {taken}: ")


def test_what_is_no_port_is_refused(serve: Serve) -> None:
    ended = serve("--port", "65536")
    assert ended.exit_code == 2
    assert "65536 is not in the range 1<=x<=65535" in ended.output


@pytest.mark.parametrize("command", [["serve", "--client-secret", "s"], ["trace"]])
def test_what_is_no_database_is_refused_without_being_repeated(command: list[str]) -> None:
    """It may hold a password: nobody reads it in a trace of Python."""
    ended = run(catalogue, *command, "--database-url", "mysql://me:password@localhost/x")
    assert ended.exit_code == 2
    assert "say sqlite:///FILE or postgresql://USER@HOST/DATABASE" in ended.output
    assert "password" not in ended.output
