"""Whether the process lives, and whether it can serve: for orchestrators and load balancers."""

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue

from idp.keys.keyring import NoActiveKey
from idp.provider import Provider, current_provider
from idp.store.migrate import is_current

bp = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Route `/healthz` and `/readyz`."""
    app.register_blueprint(bp)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers; nothing else is looked at."""
    return jsonify(status="alive")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database answers, its schema is this version's, and there is a key to sign with."""
    provider = current_provider()
    checks = {"database": is_current(provider.store)}
    checks["keys"] = checks["database"] and _has_keys(provider)
    ready = all(checks.values())
    return jsonify(status="ready" if ready else "not ready", **checks), 200 if ready else 503


def _has_keys(provider: Provider) -> bool:
    try:
        provider.keyring.active("tokens")
    except NoActiveKey:
        return False
    return True
