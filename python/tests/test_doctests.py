"""Every example in a docstring runs, and every public thing has words."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import atdata

MODULES = sorted(f"atdata.{module.name}" for module in pkgutil.iter_modules(atdata.__path__))


@pytest.mark.parametrize("name", ["atdata", *MODULES])
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("name", atdata.__all__)
def test_public_things_are_explained(name: str) -> None:
    found = getattr(atdata, name)
    assert found.__doc__
    members = [value for key, value in vars(found).items() if not key.startswith("_")]
    parts = [value for value in members if inspect.isroutine(value) or isinstance(value, property)]
    assert all(inspect.getdoc(part) for part in parts)
