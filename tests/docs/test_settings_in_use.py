"""A setting that nothing reads would promise a choice that does not exist."""

import ast

from idp.settings import Settings
from tests.architecture.imports import modules


def test_every_setting_is_read_somewhere() -> None:
    read = {
        node.attr
        for module in modules("idp")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    assert Settings.model_fields.keys() - read == set()
