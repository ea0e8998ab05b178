"""What every application and database of the tests would work out anew, worked out once a process.

A test has an application and a database of its own; their addresses and statements are the same
in all of them, and compiling these took most of the suite's time.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from joserfc.jwk import RSAKey
from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from idp.keys import keyring

_MOST_STATEMENTS = 5000

_compile = Rule._compile_builder
_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_keys: dict[str, RSAKey] = {}
_engine = Engine.__init__
_statements: LRUCache[Any, Any] = LRUCache(_MOST_STATEMENTS)


class _ImportedOnce(RSAKey):
    """The keys of a template are the same in every copy, and checking one takes long."""

    @classmethod
    def import_key(cls, value: Any, *args: Any, **options: Any) -> Any:
        text = json.dumps(value, sort_keys=True)
        if text not in _keys:
            _keys[text] = RSAKey.import_key(value, *args, **options)
        return _keys[text]


class _Templates(BytecodeCache):
    """Compiled templates, kept in memory."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._compiled.get(bucket.key)
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


def install() -> None:
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    replaced: list[tuple[Any, str, Any]] = [
        (keyring, "RSAKey", _ImportedOnce),
        (Rule, "_compile_builder", _compile_once),
        (Engine, "__init__", _share_statements),
    ]
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # The key of a compiled statement holds the dialect: those of one kind count as the same.
        replaced += [(dialect, "__hash__", _hash), (dialect, "__eq__", _is_same)]
    for owner, name, quicker in replaced:
        setattr(owner, name, quicker)


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """The functions of a rule without defaults depend on its text: converters are found on it."""
    if rule.defaults:
        return _compile(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _builders:
        _builders[key] = _compile(rule, append_unknown)
    return _builders[key]


def _share_statements(engine: Engine, *args: Any, **options: Any) -> None:
    _engine(engine, *args, **options)
    engine._compiled_cache = _statements


def _hash(dialect: Dialect) -> int:
    return hash(type(dialect))


def _is_same(dialect: Dialect, other: object) -> bool:
    return type(dialect) is type(other)
