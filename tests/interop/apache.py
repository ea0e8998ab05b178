"""A real Apache with Debian's mod_auth_openidc, configured as a PSC client, before an application.

The configuration is the one that services of the health sector publish: the provider's own
discovery address, PKCE, `scope_all` and `eidas1`.
"""

import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from wallet_sim.serving import serve

MODULES = Path("/usr/lib/apache2/modules")
PROGRAM = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
_LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http")
_CONFIGURATION = """
ServerName localhost
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
Mutex sem
User www-data
Group www-data
Listen 127.0.0.1:{port}
{modules}
LoadModule auth_openidc_module {library}/mod_auth_openidc.so

OIDCProviderMetadataURL {issuer}/.well-known/wallet-openid-configuration
OIDCClientID {client}
OIDCClientSecret {secret}
OIDCRedirectURI {site}/protected/redirect_uri
OIDCCryptoPassphrase {secret}
OIDCPKCEMethod S256
OIDCScope "openid scope_all"
OIDCAuthRequestParams acr_values=eidas1
OIDCUserInfoTokenMethod {method}
OIDCClaimPrefix OIDC-CLAIM-
OIDCRemoteUserClaim SubjectNameID

ProxyPass / {application}/
<Location /protected>
  AuthType openid-connect
  Require valid-user
</Location>
"""


@dataclass
class Application:
    """What stands behind Apache: it writes down what each request brought."""

    requests: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.requests.append({"path": request.path, **dict(request.headers)})
        page = Response(f"<h1>{request.path}</h1>", mimetype="text/html")
        return page(environ, start_response)


@dataclass
class Apache:
    """The protected site."""

    url: str
    application: Application
    log: Path


@contextlib.contextmanager
def running_apache(
    folder: Path, *, port: int, issuer: str, client: tuple[str, str], method: str
) -> Iterator[Apache]:
    """Apache as one service, which leaves no process behind."""
    assert PROGRAM is not None
    application = Application()
    site = f"http://localhost:{port}"
    with serve(application, host="127.0.0.1", port=0) as behind:
        written = folder / "apache.conf"
        written.write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=port,
                library=MODULES,
                modules="\n".join(
                    f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED
                ),
                issuer=issuer,
                client=client[0],
                secret=client[1],
                site=site,
                method=method,
                application=f"http://127.0.0.1:{behind}",
            )
        )
        process = subprocess.Popen([PROGRAM, "-d", str(folder), "-f", str(written), "-DFOREGROUND"])
        try:
            _wait_for(port, process, folder / "apache.log")
            yield Apache(site, application, folder / "apache.log")
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    pause = threading.Event()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        pause.wait(0.1)
    raise AssertionError(f"Apache did not start:\n{log.read_text() if log.exists() else ''}")
