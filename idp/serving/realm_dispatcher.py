"""Requests below `/r/<name>` go to the issuer of that name, made when it is asked first."""

import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from idp.serving.mounts import mount_path
from idp.serving.realms import RealmRefused, Realms
from idp.web.problems import problem_body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_PATH = re.compile(r"/r/([^/]+)(/.*)?")


class _Unserved(Exception):
    """What is asked of an issuer that is not there, and is not made by this request."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


class RealmDispatcher:
    """Serves issuers made on demand, and hands everything else on.

    Args:
        app: the first issuer, and those of the configuration.
        realms: the others.
    """

    def __init__(self, app: "WSGIApplication", realms: Realms) -> None:
        self._app = app
        self._realms = realms

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        found = _PATH.fullmatch(environ["PATH_INFO"])
        if found is None or self._realms.is_mounted(found[1]):
            return self._app(environ, start_response)
        name, below = found[1], found[2] or ""
        try:
            app = self._application(name, environ)
        except _Unserved as refusal:
            body = _refuse(refusal, start_response)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + mount_path(name)
        environ["PATH_INFO"] = below
        return app(environ, start_response)

    def _application(self, name: str, environ: dict[str, Any]) -> "WSGIApplication":
        try:
            self._realms.check_name(name)
        except RealmRefused as error:
            raise _Unserved(HTTPStatus.NOT_FOUND, "not_found", str(error)) from error
        return self._realms.find(name) or self._make(name, environ)

    def _make(self, name: str, environ: dict[str, Any]) -> "WSGIApplication":
        self._check_first_use(name, environ)
        try:
            self._realms.make(name)
        except RealmRefused as error:
            raise _Unserved(
                HTTPStatus.SERVICE_UNAVAILABLE, "too_many_realms", str(error)
            ) from error
        made = self._realms.find(name)
        if made is None:
            raise _Unserved(HTTPStatus.NOT_FOUND, "not_found", "it was dropped while it was made")
        return made

    def _check_first_use(self, name: str, environ: dict[str, Any]) -> None:
        """No web page makes an issuer, by rebinding or by a form (decision 2)."""
        if not self._realms.is_open:
            raise _Unserved(
                HTTPStatus.NOT_FOUND,
                "not_found",
                f"no issuer stands at {mount_path(name)}: this server listens beyond the "
                f"loopback, make it by PUT /dev/v1/realms/{name}",
            )
        host = re.sub(r":\d*$", "", environ.get("HTTP_HOST", ""))
        if host not in self._realms.first.allowed_hosts:
            raise _Unserved(
                HTTPStatus.FORBIDDEN,
                "forbidden",
                f"no issuer is made for the host {host!r}: see the setting allowed_hosts",
            )
        if environ.get("HTTP_SEC_FETCH_SITE", "") == "cross-site":
            raise _Unserved(
                HTTPStatus.FORBIDDEN,
                "forbidden",
                f"a page of another site makes no issuer: ask {mount_path(name)}/readyz first",
            )


def _refuse(refusal: _Unserved, start_response: Any) -> bytes:
    status = refusal.status
    body = json.dumps(problem_body(status, refusal.code, str(refusal))).encode()
    start_response(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
    )
    return body
