"""A service that another one calls, in the same process: its real application behind HTTP."""

from typing import Any

from flask import Flask
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter


class InProcess(BaseAdapter):
    """Answers `requests` by an application."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def send(self, request: PreparedRequest, *_args: Any, **_more: Any) -> Response:
        """Ask the application what was meant for the network."""
        answer = self._app.test_client().open(
            request.path_url,
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        response = Response()
        response.status_code = answer.status_code
        response._content = answer.data
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """It holds nothing."""
