# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Writes facts about providers into the SQL that needs them, from where Python keeps them.

    python -m tests.schema.facts [--check]

A fact stands between `/* facts: NAME */` and `/* end of facts */`. Pipelines and views are
rewritten in place.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import otel_llmcost.schema
from otel_llmcost.pricing.groups import PROMPT
from otel_llmcost.providers import PROVIDERS, counts
from otel_llmcost.providers.bedrock import names as bedrock
from otel_llmcost.providers.model_names import DOTTED
from otel_llmcost.providers.openai.places import REGIONS
from otel_llmcost.providers.registry import OTHER_NAMES
from otel_llmcost.providers.routes import route_form

SCHEMA = Path(otel_llmcost.schema.__file__).parent
_BLOCK = re.compile(
    r"^( *)/\* facts: (\w+)(?:\((\w+)\))? \*/\n.*?^ */\* end of facts \*/\n", re.DOTALL | re.M
)


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def array(values: Iterable[str]) -> str:
    return f"[{', '.join(map(text, values))}]"


def full_match(pattern: str) -> str:
    """A literal of a pattern that has to match from the first character to the last."""
    return text(f"^(?:{pattern})\\z")


def who_bills() -> str:
    """Branches of a multiIf over `host`."""
    return "\n".join(
        f"match(host, {full_match(form)}), {text(provider.name)},"
        for provider in PROVIDERS
        for form in provider.hosts
    )


def known_payers() -> str:
    """Providers whose hosts are known, so that another host is not theirs."""
    return ", ".join(text(provider.name) for provider in PROVIDERS)


def provider_names() -> str:
    """Arguments of a transform, without what is transformed and what stays as it is."""
    return f"{array(OTHER_NAMES)},\n{array(OTHER_NAMES.values())},"


def openai_regions() -> str:
    return ", ".join(map(text, REGIONS))


def price_name(payer: str) -> str:
    """`name`: `model` as its maker's price list has it, as `providers.canonical` finds it."""
    routes = "\n".join(
        f"    {payer} = {text(provider.name)},"
        f" replaceRegexpOne(model, {text('^' + route_form(provider.routes))}, ''),"
        for provider in PROVIDERS
        if provider.routes
    )
    form = text(f"^{_named(bedrock.FORM, 'name')}\\z")
    return f"""multiIf(
    position(model, '/') = 0, model,
{routes}
    model) AS routed,
if(routed != model AND startsWith(routed, 'claude-'),
    replaceRegexpAll(routed, {text(DOTTED)}, '\\\\1-\\\\2'), routed) AS unrouted,
if(startsWith(unrouted, 'arn:'), splitByChar('/', unrouted)[-1], unrouted) AS arn_part,
multiIf(
    {payer} = 'aws.bedrock', if(match(arn_part, {form}), extract(arn_part, {form}), unrouted),
    {payer} = 'gcp.vertex_ai',
        replaceOne(replaceRegexpOne(splitByChar('/', unrouted)[-1], '@default\\\\z', ''), '@', '-'),
    unrouted) AS name,"""


def bedrock_geo() -> str:
    """`bedrock_geo` of the model ids in `asked`: as `providers.bedrock.names.geography`.

    An opaque id runs in a geography most likely; that is an estimate.
    """
    route = text("^" + route_form(bedrock.ROUTES))
    form = text(f"^{_named(bedrock.FORM, 'scope')}\\z")
    return f"""arrayMap(id -> splitByChar('/', replaceRegexpOne(id, {route}, ''))[-1],
    asked) AS bedrock_ids,
arrayFirst(id -> match(id, {form}), bedrock_ids) AS bedrock_id,
if(extract(bedrock_id, {form}) = 'global', '', 'regional') AS bedrock_geo,"""


def prompt_buckets() -> str:
    return ", ".join(map(text, sorted(PROMPT)))


def raw_read() -> str:
    """Counts in a quoted usage of what was read from a cache."""
    return _counts(counts.READ)


def raw_write() -> str:
    """Counts in a quoted usage of what was written to a cache."""
    camel = ("cacheWriteTokens", "cacheCreationInputTokens")  # the AI SDK's
    return _counts((*counts.WRITTEN, *camel))


def _counts(names: Iterable[str]) -> str:
    form = f"[\"'](?:{'|'.join(names)})[\"']: ?(\\d+)"
    return f"extractAll(raw, {text(form)})"


def _named(pattern: str, kept: str) -> str:
    """The pattern with one group, the only one that `extract` gives back."""
    return re.sub(r"\(\?P<(\w+)>", lambda found: "(" if found[1] == kept else "(?:", pattern)


FACTS: dict[str, Callable[..., str]] = {
    fact.__name__: fact
    for fact in (
        who_bills,
        known_payers,
        provider_names,
        openai_regions,
        price_name,
        bedrock_geo,
        prompt_buckets,
        raw_read,
        raw_write,
    )
}


def written(sql: str) -> str:
    """The SQL with its facts as they are now."""

    def block(found: re.Match[str]) -> str:
        indent, name, argument = found.groups()
        lines = FACTS[name](*filter(None, [argument])).splitlines()
        head = found[0].partition("\n")[0]
        return "\n".join(
            [head, *(indent + line for line in lines), f"{indent}/* end of facts */", ""]
        )

    return _BLOCK.sub(block, sql)


def files() -> list[Path]:
    """Everything that is replaced when its text changes."""
    return [
        *sorted((SCHEMA / "views").rglob("*.sql")),
        *sorted((SCHEMA / "pipelines").glob("*.sql")),
    ]


def outdated() -> list[Path]:
    """Files whose facts differ from Python's."""
    return [path for path in files() if written(path.read_text("utf-8")) != path.read_text("utf-8")]


if __name__ == "__main__":
    found = outdated()
    if "--check" in sys.argv:
        sys.exit("\n".join(f"facts differ: {path}" for path in found))
    for path in found:
        path.write_text(written(path.read_text("utf-8")), encoding="utf-8")
        print(path.relative_to(SCHEMA))
