"""What a provider asks its database, whatever the test."""

from typing import Any

from sqlalchemy import event

from idp.provider import Provider


class Statements:
    """The SQL of one provider, without its values, while it is listened to."""

    def __init__(self, provider: Provider) -> None:
        self._engine = provider.store.engine
        self.seen: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.seen.append(statement)
