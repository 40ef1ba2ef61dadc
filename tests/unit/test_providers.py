# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Facts about providers stand in one place: a provider is a folder, and nothing else names it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import otel_llmcost
from otel_llmcost import providers
from otel_llmcost.providers import APIS, PROVIDERS, registry
from otel_llmcost.providers.provider import Api, Provider

ROOT = Path(otel_llmcost.__file__).parent
NAMES = {
    *(provider.name for provider in PROVIDERS),
    *(api.name for api in APIS),
    *(api.model_word for api in APIS if api.model_word),
}
ALLOWED = {
    "providers/": "the facts",
    "allocation.py": "comes with `import otel_llmcost`, which must stay cheap: modules of the SDKs",
    "pricing/retirements.py": "dated data: which models of whom are switched off when",
    "instrumentation/anthropic.py": "the entry point of one SDK, which must import nothing",
    "instrumentation/openai.py": "the entry point of one SDK, which must import nothing",
    "emulator/": "doubles of these two APIs, one module for each format",
    "demo/": "an invented company with calls to both",
    "doctor/probe.py": "the sample record that `doctor --send` sends",
    "reports/levers.py": "code for each SDK, to begin with",
}


def named_in(path: Path) -> Iterator[str]:
    """Names of providers and makers' models that a file holds as text of its own."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            word = node.value.rstrip("-.")
            if word in NAMES or word in {name.partition(".")[0] for name in NAMES}:
                yield word


def test_only_the_providers_folders_name_a_provider() -> None:
    found = {
        place: sorted(set(named_in(path)))
        for path in ROOT.rglob("*.py")
        if not (place := path.relative_to(ROOT).as_posix()).startswith(tuple(ALLOWED))
        and any(named_in(path))
    }
    assert found == {}


def test_every_exception_is_needed() -> None:
    used = {
        allowed
        for path in ROOT.rglob("*.py")
        for allowed in ALLOWED
        if path.relative_to(ROOT).as_posix().startswith(allowed) and any(named_in(path))
    }
    assert used == ALLOWED.keys()


def test_every_folder_of_a_provider_is_registered() -> None:
    folders = {path.parent.name for path in (ROOT / "providers").glob("*/__init__.py")}
    described = [value for name in folders for value in vars(getattr(registry, name)).values()]
    assert {one.name for one in described if isinstance(one, Provider)} == {
        one.name for one in PROVIDERS
    }
    assert {one.name for one in described if isinstance(one, Api)} == {one.name for one in APIS}
    assert {one.api.name for one in PROVIDERS if one.api} == {one.name for one in APIS}


def test_every_provider_has_a_file_of_prices_and_every_file_a_provider() -> None:
    files = {path.stem for path in (ROOT / "pricing" / "data").glob("*.json")}
    assert files == {provider.name for provider in PROVIDERS}


def test_no_two_providers_have_one_name_host_or_alias() -> None:
    names = [name for one in PROVIDERS for name in (one.name, *one.other_names, *one.hosts)]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_a_provider_that_is_not_ours_has_no_facts() -> None:
    assert providers.provider_named("mistral_ai") == Provider(name="mistral_ai")
