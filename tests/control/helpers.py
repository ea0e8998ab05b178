"""Asking the control server as a program in any language does."""

from typing import Any

from werkzeug.test import Client, TestResponse

from wallet_sim.control_server.app import BASE, ControlServer
from wallet_sim.door import SECRET_HEADER

SECRET = "start-up-secret-of-control"


class Control:
    """Holds the start-up secret."""

    def __init__(self, server: ControlServer, realm: str = "") -> None:
        self.realm = realm
        self.base = f"/r/{realm}{BASE}" if realm else BASE
        self._client = Client(server)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        host: str = "localhost:8006",
        **more: Any,
    ) -> TestResponse:
        given = {SECRET_HEADER: SECRET} if headers is None else headers
        return self._client.open(
            f"{self.base}/{path}",
            base_url=f"http://{host}",
            method=method,
            json=body,
            headers=given,
            **more,
        )

    def told(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.ask(method, path, body, **more)
        assert answer.status_code in {200, 201}, answer.text
        return answer.get_json()

    def done(self, method: str, path: str, body: Any = None) -> None:
        answer = self.ask(method, path, body)
        assert answer.status_code == 204, answer.text

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
        """Status, code and detail of the problem that came."""
        answer = self.ask(method, path, body)
        assert answer.content_type == "application/problem+json", answer.text
        told = answer.get_json()
        assert told["status"] == answer.status_code
        return answer.status_code, told["code"], told["detail"]

    def person(self, **members: Any) -> str:
        number: str = self.told("POST", "provider/people", members)["national_id"]
        return number

    def phone(self, national_id: str, **members: Any) -> str:
        told = self.told("POST", "phones", {"national_id": national_id, **members})
        name: str = told["phone_id"]
        return name
