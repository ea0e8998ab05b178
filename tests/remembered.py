"""What every application and database of the tests would work out anew, worked out once a process.

A test has an application and a database of its own; their addresses and statements are the same
in all of them, and compiling these took most of the suite's time.
"""

import json
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from joserfc.jwk import RSAKey
from pydantic_settings import EnvSettingsSource
from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from idp.keys import keyring

_MOST_STATEMENTS = 5000

_compile = Rule.compile
_PARTS_OF_A_RULE = ("_parts", "_trace", "_converters", "arguments")
_BUILDERS_OF_A_RULE = ("_build", "_build_unknown")
_rules: dict[tuple[Any, ...], dict[str, Any]] = {}
_read_environment = EnvSettingsSource.__call__
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
        (Rule, "compile", _compile_once),
        (EnvSettingsSource, "__call__", _read_what_is_set),
        (Engine, "__init__", _share_statements),
    ]
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # The key of a compiled statement holds the dialect: those of one kind count as the same.
        replaced += [(dialect, "__hash__", _hash), (dialect, "__eq__", _is_same)]
    for owner, name, quicker in replaced:
        setattr(owner, name, quicker)


def _compile_once(rule: Rule) -> None:
    """What werkzeug finds in a rule without defaults depends on its text and its converters."""
    if rule.defaults or rule.map is None:
        return _compile(rule)
    converters = tuple(rule.map.converters.values())
    key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, converters)
    if key in _rules:
        return _take(rule, _rules[key])
    _compile(rule)
    _rules[key] = {name: getattr(rule, name) for name in _PARTS_OF_A_RULE}
    _rules[key] |= {name: getattr(rule, name).__func__ for name in _BUILDERS_OF_A_RULE}
    return None


def _take(rule: Rule, found: dict[str, Any]) -> None:
    for name in _PARTS_OF_A_RULE:
        setattr(rule, name, found[name])
    for name in _BUILDERS_OF_A_RULE:
        setattr(rule, name, found[name].__get__(rule, None))


def _read_what_is_set(source: EnvSettingsSource) -> dict[str, Any]:
    """Each of hundreds of fields is looked for only where a variable of the program is set."""
    prefix = source.env_prefix.lower()
    if not any(name.lower().startswith(prefix) for name in source.env_vars):
        return {}
    return _read_environment(source)


def _share_statements(engine: Engine, *args: Any, **options: Any) -> None:
    _engine(engine, *args, **options)
    engine._compiled_cache = _statements


def _hash(dialect: Dialect) -> int:
    return hash(type(dialect))


def _is_same(dialect: Dialect, other: object) -> bool:
    return type(dialect) is type(other)
