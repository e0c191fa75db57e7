"""Every name that the utils tables promise exists."""

from importlib import import_module

import pytest

import geminga.utils


@pytest.mark.parametrize("module", geminga.utils.__all__)
def test_names_exist(module):
    contents = import_module(f"geminga.utils.{module}")
    assert contents.__all__
    for name in contents.__all__:
        assert getattr(contents, name) is not None
