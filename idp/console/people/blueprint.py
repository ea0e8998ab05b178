"""The blueprint that the modules of this package put their addresses on."""

from flask import Blueprint

bp = Blueprint("people", __name__, url_prefix="/personnes")
