"""Asking a provider for faults, as any program does."""

from typing import Any

from flask import Flask

from tests.conftest import DEV_SECRET

HEADERS = {"Ecps-Dev-Secret": DEV_SECRET}


class Faults:
    def __init__(self, app: Flask) -> None:
        self.http: Any = app.test_client()

    def post(self, fault: str, **wanted: Any) -> Any:
        return self.http.post("/dev/v1/faults", json={"fault": fault} | wanted, headers=HEADERS)

    def ask(self, fault: str, **wanted: Any) -> int:
        """The number of a fault that is asked for."""
        answer = self.post(fault, **wanted)
        assert answer.status_code == 201, answer.text
        return int(answer.json["id"])

    def told(self, number: int) -> dict[str, Any]:
        answer = self.http.get(f"/dev/v1/faults/{number}", headers=HEADERS)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def committed(self, number: int) -> int:
        return int(self.told(number)["committed"])

    def withdraw(self) -> None:
        assert self.http.delete("/dev/v1/faults", headers=HEADERS).status_code == 204

    def catalogue(self) -> dict[str, Any]:
        answer = self.http.get("/dev/v1/faults/catalogue", headers=HEADERS)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)
