"""What this service keeps in its own memory and not in the browser, by a random handle."""

import secrets
from collections import OrderedDict
from typing import Generic, TypeVar

_MOST = 1000

Each = TypeVar("Each")


class Kept(Generic[Each]):
    """The oldest go first when there are too many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Each] = OrderedDict()

    def keep(self, each: Each) -> str:
        """Keep one; gives its handle."""
        handle = secrets.token_urlsafe(24)
        self._kept[handle] = each
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return handle

    def find(self, handle: str | None) -> Each | None:
        """The one of a handle, if it is still kept."""
        return self._kept.get(handle or "")

    def end(self, handle: str | None) -> None:
        """Forget one."""
        self._kept.pop(handle or "", None)
