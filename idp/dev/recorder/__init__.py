"""What relying services send: recorded, and judged by the rules of `idp/checklists`."""

from idp.dev.recorder.recording import record_exchanges
from idp.dev.recorder.views import bp

__all__ = ["bp", "record_exchanges"]
