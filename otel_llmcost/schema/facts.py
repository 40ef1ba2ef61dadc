# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
r"""Facts about providers that SQL needs, written into its text from where Python keeps them.

A file says `${prompt_steps}` or `${is_claude(model)}`; whoever reads it gets the fact in its place.
So a new threshold, host or alias changes the objects that use it, and `schema apply` replaces them.
An argument is an expression of SQL without parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from otel_llmcost.pricing import PriceBook
from otel_llmcost.pricing.groups import PROMPT, USUAL_WRITE
from otel_llmcost.providers import APIS, PROVIDERS, Api, counts, vertex
from otel_llmcost.providers.anthropic import refusals
from otel_llmcost.providers.bedrock import names as bedrock
from otel_llmcost.providers.model_names import DOTTED
from otel_llmcost.providers.openai.places import REGIONS
from otel_llmcost.providers.registry import DEFAULT_API, OTHER_NAMES
from otel_llmcost.providers.routes import route_form

_PLACE = re.compile(r"\$\{(?P<name>\w+)(?:\((?P<given>[^()]*)\))?\}")


def fill(sql: str) -> str:
    """The text with its facts; `${name}` of anything else stays. KeyError for an unknown fact."""

    def fact(found: re.Match[str]) -> str:
        name, given = found["name"], found["given"]
        if given is None and name not in FACTS:
            return found[0]  # a clause of the engine, which `render` fills
        written = FACTS[name](*(() if given is None else map(str.strip, given.split(","))))
        line = sql.rfind("\n", 0, found.start()) + 1
        before = sql[line : found.start()]
        return written.replace("\n", "\n" + before) if before.isspace() or not before else written

    return _PLACE.sub(fact, sql)


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _array(values: Iterable[str]) -> str:
    return f"[{', '.join(map(text, values))}]"


def _list(values: Iterable[str]) -> str:
    return ", ".join(map(text, values))


def _full_match(pattern: str) -> str:
    """A literal of a pattern that has to match from the first character to the last."""
    return text(f"^(?:{pattern})\\z")


def host_branches() -> str:
    """Branches of a multiIf over `host`: who bills there."""
    return "\n".join(
        f"match(host, {_full_match(form)}), {text(provider.name)},"
        for provider in PROVIDERS
        for form in provider.hosts
    )


def usual_write() -> str:
    """Bucket of cache writes of which only the number of tokens is recorded."""
    return text(USUAL_WRITE)


def known_providers() -> str:
    """Providers whose hosts are known, so that another host is not theirs."""
    return _list(provider.name for provider in PROVIDERS)


def first_parties() -> str:
    """Providers that sell their own models, and whose list prices others take over."""
    return _list(provider.name for provider in PROVIDERS if provider.api is not None)


def provider_names() -> str:
    """Arguments of a transform, without what is transformed and what stays as it is."""
    return f"{_array(OTHER_NAMES)},\n{_array(OTHER_NAMES.values())},"


def openai_regions() -> str:
    """Prefixes of OpenAI's regional hosts."""
    return _list(REGIONS)


def deployments(provider: str) -> str:
    """Whether requests to this provider name deployments, of which no reply says the kind."""
    return f"{provider} IN ({_list(one.name for one in PROVIDERS if one.names_deployments)})"


def price_name(provider: str) -> str:
    """`model` as its maker's price list has it, as `providers.canonical` finds it.

    Steps are lambdas over one value: the engine repeats the text of an alias wherever it is used,
    and planning would take longer than the query.
    """
    routes = "\n".join(
        f"    {provider} = {text(one.name)},"
        f" replaceRegexpOne(model, {text('^' + route_form(one.routes))}, ''),"
        for one in PROVIDERS
        if one.routes
    )
    form = text(f"^{_named(bedrock.FORM, 'name')}\\z")
    hyphenated = " OR ".join(
        f"startsWith(routed, {text(f'{api.model_word}-')})"
        for api in APIS
        if api.hyphenated_versions
    )
    return f"""arrayMap(unrouted -> multiIf(
    {provider} = {text(bedrock.PROVIDER_NAME)},
        arrayMap(id -> if(match(id, {form}), extract(id, {form}), unrouted),
            [if(startsWith(unrouted, 'arn:'), splitByChar('/', unrouted)[-1], unrouted)])[1],
    {provider} = {text(vertex.PROVIDER.name)},
        replaceOne(replaceRegexpOne(splitByChar('/', unrouted)[-1], '@default\\\\z', ''), '@', '-'),
    unrouted),
arrayMap(routed -> if(routed != model AND {hyphenated},
    replaceRegexpAll(routed, {text(DOTTED)}, '\\\\1-\\\\2'), routed),
[multiIf(
    position(model, '/') = 0, model,
{routes}
    model)]))[1]"""


def maker_name(provider: str, model: str) -> str:
    """A model's name in its maker's price list, from one without a gateway's route."""
    form = text(f"^{_named(bedrock.FORM, 'name')}\\z")
    cloud = f"{provider} = {text(bedrock.PROVIDER_NAME)}"
    return f"if({cloud} AND match({model}, {form}), extract({model}, {form}), {model})"


def bedrock_geo() -> str:
    """`bedrock_geo` of the model ids in `named_models`: as `providers.bedrock.names.geography`.

    An opaque id runs in a geography most likely; that is an estimate.
    """
    route = text("^" + route_form(bedrock.ROUTES))
    form = text(f"^{_named(bedrock.FORM, 'scope')}\\z")
    return f"""arrayMap(id -> splitByChar('/', replaceRegexpOne(id, {route}, ''))[-1],
    named_models) AS bedrock_ids,
arrayFirst(id -> match(id, {form}), bedrock_ids) AS bedrock_id,
if(extract(bedrock_id, {form}) = 'global', '', 'regional') AS bedrock_geo,"""


def prompt_buckets() -> str:
    """Buckets that count towards a long-context threshold."""
    return _list(sorted(PROMPT))


def prompt_size(buckets: str) -> str:
    """What a map of buckets holds of the prompt, as `pricing.rating.prompt_size` counts it."""
    held = f"mapFilter((name, quantity) -> name IN ({prompt_buckets()}), {buckets})"
    return f"arraySum(mapValues({held}))"


def prompt_steps() -> str:
    """The long-context thresholds of all models: a prompt's class is how many it exceeds."""
    steps = {
        int(entry.prices[name])
        for entry in PriceBook().entries()
        for name in entry.prices
        if name == "long_context_threshold"
    }
    return f"[{', '.join(map(str, sorted(steps)))}]"


def is_claude(model: str) -> str:
    """Whether a model is Anthropic's, from its name."""
    return f"position({model}, {text(_claude().model_word or '')}) > 0"


def short_write(claude: str) -> str:
    """Bucket of cache writes of the usual duration, where `claude` says whose model it is."""
    return _by_maker(claude, [text(api.write_buckets[0]) for api in (_claude(), DEFAULT_API)])


def long_write(claude: str) -> str:
    """Bucket of cache writes that stay longer."""
    return _by_maker(claude, [text(api.write_buckets[1]) for api in (_claude(), DEFAULT_API)])


def short_write_of(model: str) -> str:
    """Bucket of a model's cache writes of the usual duration."""
    return short_write(is_claude(model))


def write_branches(bucket: str, model: str) -> str:
    """Branches of a multiIf: the bucket at `model` of what another maker's model writes."""
    others = ", ".join(text(name) for name in DEFAULT_API.write_buckets)
    return (
        f"{is_claude(model)} AND {bucket} IN ({others}), {text(_claude().write_buckets[0])},\n"
        f"NOT ({is_claude(model)}) AND startsWith({bucket}, 'cache_write'),"
        f" {text(DEFAULT_API.write_buckets[0])},"
    )


def short_writes(buckets: str) -> str:
    """What a map of buckets holds of cache writes of the usual duration."""
    return _added(buckets, [api.write_buckets[0] for api in (_claude(), DEFAULT_API)])


def long_writes(buckets: str) -> str:
    """What a map of buckets holds of longer cache writes."""
    return _added(buckets, [api.write_buckets[1] for api in (_claude(), DEFAULT_API)])


def short_life(claude: str) -> str:
    """Seconds that a cache write of the usual duration stays."""
    return _by_maker(claude, [str(api.write_seconds[0]) for api in (_claude(), DEFAULT_API)])


def long_life(claude: str) -> str:
    """Seconds that a longer cache write stays."""
    return _by_maker(claude, [str(api.write_seconds[1]) for api in (_claude(), DEFAULT_API)])


def write_buckets() -> str:
    """Buckets of cache writes, the usual ones first."""
    usual = (api.write_buckets[0] for api in (_claude(), DEFAULT_API))
    longer = (api.write_buckets[1] for api in (_claude(), DEFAULT_API))
    return _list([*usual, *longer])


def cut_reasons() -> str:
    """Finish reasons of an answer that reached the limit of its request."""
    return _list(_cut_reasons())


def cut_answer(reasons: str) -> str:
    """Whether one of some comma-separated finish reasons is a limit of the request."""
    return _one_of(reasons, _cut_reasons())


def truncation_reasons() -> str:
    """Finish reasons of an answer that has no end, whatever the limit was."""
    return _list(_truncation_reasons())


def truncated(reasons: str) -> str:
    """Whether one of some comma-separated finish reasons says that the answer has no end."""
    return _one_of(reasons, _truncation_reasons())


def refusal_is_billed(category: str, ts: str) -> str:
    """Whether a refusal before any output is billed; an empty category is no refusal."""
    return (
        f"({category} = '' OR {ts} < '{refusals.FREE_FROM}'"
        f" OR {ts} >= '{refusals.SOME_BILLED_FROM}'"
        f" AND {category} IN ({_list(sorted(refusals.BILLED))}))"
    )


def raw_read() -> str:
    """Counts in a quoted usage of what was read from a cache."""
    return _counts(counts.READ)


def raw_write() -> str:
    """Counts in a quoted usage of what was written to a cache."""
    camel = ("cacheWriteTokens", "cacheCreationInputTokens")  # the AI SDK's
    return _counts((*counts.WRITTEN, *camel))


def _claude() -> Api:
    return next(api for api in APIS if api.model_word is not None)


def _added(buckets: str, names: Iterable[str]) -> str:
    return " + ".join(f"{buckets}[{text(name)}]" for name in names)


def _by_maker(claude: str, values: list[str]) -> str:
    return f"if({claude}, {values[0]}, {values[1]})"


def _cut_reasons() -> list[str]:
    return [reason for api in APIS for reason in api.cut_reasons]


def _truncation_reasons() -> list[str]:
    return [*_cut_reasons(), *(reason for api in APIS for reason in api.window_reasons)]


def _one_of(reasons: str, words: Iterable[str]) -> str:
    form = f"(^|,)({'|'.join(words)})(,|\\z)"
    return f"match({reasons}, {text(form)})"


def _counts(words: Iterable[str]) -> str:
    form = f"[\"'](?:{'|'.join(words)})[\"']: ?(\\d+)"
    return f"extractAll(raw, {text(form)})"


def _named(pattern: str, kept: str) -> str:
    """The pattern with one group, the only one that `extract` gives back."""
    return re.sub(r"\(\?P<(\w+)>", lambda found: "(" if found[1] == kept else "(?:", pattern)


FACTS: dict[str, Callable[..., str]] = {
    fact.__name__: fact
    for fact in (
        host_branches,
        known_providers,
        first_parties,
        provider_names,
        openai_regions,
        deployments,
        price_name,
        maker_name,
        bedrock_geo,
        prompt_size,
        prompt_steps,
        is_claude,
        short_write,
        long_write,
        short_write_of,
        write_branches,
        short_writes,
        long_writes,
        short_life,
        long_life,
        usual_write,
        write_buckets,
        cut_reasons,
        cut_answer,
        truncation_reasons,
        truncated,
        refusal_is_billed,
        raw_read,
        raw_write,
    )
}
"""The facts that a file may use, by name."""
