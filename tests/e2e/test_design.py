"""The components that every page is made of, in a real browser: seen, driven, read aloud."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template, request
from playwright.sync_api import expect
from werkzeug.serving import make_server

from relying_services import design
from tests.e2e.conftest import Open


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """A page with every component, served on a free port."""
    app = Flask("gallery", template_folder=str(Path(__file__).parent))
    design.init_app(app)

    @app.get("/")
    def shown() -> str:
        return render_template("gallery.html", layout=request.args.get("layout", ""))

    server = make_server("localhost", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("layout", ["column", "wide"])
def test_every_component_breaks_no_rule(gallery: str, open_browser: Open, layout: str) -> None:
    """RGAA 3.2, 3.3, 10.7, 11.1, 11.10; in light and dark, from 320 px."""
    page, onlooker = open_browser()
    page.goto(f"{gallery}?layout={layout}")
    if layout == "wide":
        onlooker.check("design-wide")
    else:
        onlooker.check("design-column")


def test_a_password_is_shown_until_the_form_is_sent(gallery: str, open_browser: Open) -> None:
    page, onlooker = open_browser()
    page.goto(gallery)
    secret = page.get_by_label("Secret de démarrage")
    page.get_by_role("button", name="Afficher").click()
    expect(secret).to_have_attribute("type", "text")
    page.get_by_role("button", name="Masquer").click()
    expect(secret).to_have_attribute("type", "password")
    page.get_by_role("button", name="Afficher").click()
    kind = page.evaluate(
        """() => {
            const form = document.forms[0];
            form.addEventListener("submit", (event) => event.preventDefault());
            form.requestSubmit();
            return document.getElementById("secret").type;
        }"""
    )
    assert kind == "password"
    onlooker.check_silence()


def test_a_value_is_copied_and_the_copying_told(gallery: str, open_browser: Open) -> None:
    """RGAA 7.5."""
    page, onlooker = open_browser(permissions=["clipboard-read", "clipboard-write"])
    page.goto(gallery)
    page.get_by_role("button", name="Copier").click()
    expect(page.locator(".copied[role=status]")).to_have_text("Copié")
    assert page.evaluate("navigator.clipboard.readText()") == "4f0c9a11e8b27d35"
    onlooker.check_silence()


def test_without_scripts_no_button_promises_what_it_cannot_do(
    gallery: str, open_browser: Open
) -> None:
    page, _onlooker = open_browser(java_script_enabled=False)
    page.goto(gallery)
    assert page.get_by_role("button", name="Copier").count() == 0
    assert page.get_by_role("button", name="Afficher").count() == 0
    expect(page.locator("#reference")).to_have_text("4f0c9a11e8b27d35")


def test_forced_colours_keep_the_choice_visible(gallery: str, open_browser: Open) -> None:
    page, _onlooker = open_browser(forced_colors="active")
    page.goto(gallery)
    chosen = page.locator(".radio:has(:checked)").first
    assert chosen.evaluate("(element) => getComputedStyle(element).outlineStyle") == "solid"


def test_who_asks_for_less_motion_gets_none(gallery: str, open_browser: Open) -> None:
    """RGAA 13.8."""
    page, _onlooker = open_browser(reduced_motion="reduce")
    page.goto(gallery)
    moving = page.locator(".pulse").evaluate("(element) => getComputedStyle(element).animationName")
    assert moving == "none"
