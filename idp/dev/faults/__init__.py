"""Faults of the provider on demand: a simulation misbehaves, so that a service proves itself."""

from idp.dev.faults.committing import init_app as commit_faults
from idp.dev.faults.views import bp

__all__ = ["bp", "commit_faults"]
