"""`ecps-idp demo`, short of the walk itself, which `tests/serving/test_wheel.py` walks."""

import socket

from click.testing import CliRunner

from idp.cli import main
from idp.cli.demo_browser import Browser, Form
from tests.serving.running import free_port_base


def test_a_taken_port_is_named_with_the_way_out() -> None:
    base = free_port_base()
    with socket.create_server(("127.0.0.1", base + 2)):
        result = CliRunner().invoke(main, ["demo", "--once", "--port-base", str(base)])
    assert result.exit_code == 1
    assert f"port {base + 2} is taken" in result.output
    assert "--port-base" in result.output


def test_the_browser_reads_a_page_as_a_person_would() -> None:
    text = (
        '<h1>A <b>title</b></h1><p id="n"> 4<br>2 </p><form method="post" action="/go">'
        '<input name="a" value="1"><input type="checkbox" name="b"></form>'
    )
    page = Browser.read("http://localhost/", 200, text)
    assert page.heading == "A title"
    assert page.texts == {"n": "42"}
    assert page.forms == [Form("/go", "post", {"a": "1"})]
