"""Asking addresses what their OpenAPI document says: at the limits, and by drawing."""

from typing import Any

import hypothesis
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]
EXAMPLES = 3
"""Drawn beside those that cover each member's limits; always the same ones."""


def read_schema(document: dict[str, Any]) -> Any:
    config = SchemathesisConfig.from_dict(
        {"seed": 1, "generation": {"deterministic": True, "database": "none"}}
    )
    return schemathesis.openapi.from_dict(document, config=config)


def operation_of(schema: Any, method: str, path: str) -> Any:
    schema.coverage_unexpected_methods_seen.clear()  # those of each address, whatever ran before
    operation = schema[path][method]
    operation.app = schema.app  # a path is read once, with the application of that time
    return operation


def cases(operation: Any, modes: list[GenerationMode], *, most: int) -> list[Any]:
    """Requests at the limits of each member, spread over them, and some that are drawn."""
    config = operation.schema.config.generation
    found = list(
        operation.schema.iter_coverage_cases(
            operation, generation_modes=modes, generation_config=config
        )
    )
    spread = found[:: 1 + len(found) // most]
    takes_something = operation.body or operation.query
    drawn = [case for mode in modes for case in _drawn(operation, mode)] if takes_something else []
    return spread + drawn


def _drawn(operation: Any, mode: GenerationMode) -> list[Any]:
    found: list[Any] = []

    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def draw(case: Any) -> None:
        found.append(case)

    draw()
    return found
