# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What every public view and every panel adds up to: an expression over its rows, and over calls.

All panels have one range: whole hours, from a week on whole days. Few differ, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Range = Literal["range", "complete hours", "days", "month", "all"]


class Sums(NamedTuple):
    """`equal`: expression over the rows shown -> the same over `calls`, or a whole SELECT."""

    equal: Mapping[str, str]
    range: Range = "range"
    where: str = "1"


class Rows(NamedTuple):
    """Every row shown stands for the calls with its `key`."""

    key: str
    column: str
    equal: Mapping[str, str]
    range: Range = "range"
    where: str = "1"


COST, CALLS, IN, OUT = "sum(cost_usd)", "count()", "sum(input_tokens)", "sum(output_tokens)"
READ, WRITTEN = "sum(cache_read_tokens)", "sum(cache_write_tokens)"
ERRORS, UNPRICED = "countIf(error_type != '')", "countIf(cost_usd IS NULL)"
WASTED = (
    "error_type != '' OR stream_outcome = 'abandoned' "
    "OR multiSearchAny(finish_reason, ['length', 'max_tokens'])"
)
PER_CALL = "toFloat64(sum(cost_usd)) / countIf(cost_usd IS NOT NULL)"


def top(number: int, key: str, value: str = COST) -> str:
    """The sum of the `number` largest groups."""
    return (
        f"SELECT sum(v) FROM (SELECT {value} AS v FROM {{calls}} GROUP BY {key} "
        f"ORDER BY v DESC NULLS LAST LIMIT {number})"
    )


def largest(number: int, value: str) -> str:
    """The sum of the `number` largest calls."""
    return f"SELECT sum(v) FROM (SELECT {value} AS v FROM {{calls}} ORDER BY v DESC LIMIT {number})"


_EVER = "(since = '2020-01-01', until = '2100-01-01'"
_SPENT = {
    "sum(calls)": CALLS,
    "sum(input_tokens)": IN,
    "sum(output_tokens)": OUT,
    "sum(cost_usd)": COST,
}
_ROLLED = _SPENT | {
    "sum(replies)": "sum(replies)",
    "sum(errors)": ERRORS,
    "sum(unpriced_calls)": UNPRICED,
    "sum(priced_calls)": "countIf(cost_usd IS NOT NULL)",
    "sum(uncached_input_tokens)": "sum(uncached_input_tokens)",
    "sum(cache_read_tokens)": READ,
    "sum(cache_write_tokens)": WRITTEN,
    "sum(reasoning_tokens)": "sum(reasoning_tokens)",
    "sum(cost_input_usd)": "sum(cost_input_usd)",
    "sum(cost_cache_read_usd)": "sum(cost_cache_read_usd)",
    "sum(cost_cache_write_usd)": "sum(cost_cache_write_usd)",
    "sum(cost_output_usd)": "sum(cost_output_usd)",
    "sum(cost_tools_usd)": "sum(cost_tools_usd)",
    "max(max_call_cost_usd)": "max(cost_usd)",
}
_UNITS = {
    f"sumIf({column}, unit = '{unit}' AND is_total = {is_total})": reported.format(id_)
    for column, reported in (
        ("calls", "countIf({} != '')"),
        ("cost_usd", "sumIf(cost_usd, {} != '')"),
    )
    for unit, id_ in (("session", "session_id"), ("user", "user_id"), ("run", "scope_id"))
    for is_total in (0, 1)
}

VIEWS: dict[str, Sums] = {
    "calls": Sums({"sum(cost_usd)": COST}),
    "reported_costs": Sums(
        {
            "sum(cost_usd)": "sumIf(cost_usd, reported_cost_usd IS NOT NULL)",
            "sum(reported_cost_usd)": "sumIf(reported_cost_usd, cost_usd IS NOT NULL)",
        }
    ),
    "hourly_spend": Sums(_ROLLED),
    f"daily_users{_EVER})": Sums(_SPENT | {"sum(errors)": ERRORS}),
    f"daily_calls{_EVER})": Sums(
        {
            "sum(calls)": CALLS,
            "sum(cost_usd)": COST,
            "sum(errors)": ERRORS,
            "arraySum(sumForEach(cost_classes))": CALLS,
        }
    ),
    f"finish_reasons{_EVER}, step = 86400)": Sums(_SPENT),
    f"finish_reasons{_EVER}, step = 3600)": Sums(_SPENT),
    f"daily_units{_EVER})": Sums(_UNITS),
    f"spend_between{_EVER}, timezone = 'Asia/Kolkata')": Sums(_ROLLED),
    f"cache_between{_EVER}, timezone = 'Asia/Kolkata')": Sums(
        {"sum(input_tokens)": IN, "sum(cache_read_tokens)": READ}
    ),
    f"(SELECT * FROM llmcost_internal.usage_between{_EVER}, "
    "environment = '', service = '', version = ''))": Sums(
        {"sum(calls)": CALLS, "sum(cost_usd)": COST}
    ),
    "spend_pareto": Sums({"sum(cost_usd)": COST, "round(sum(cost_share), 9)": "max(1)"}),
    "top_calls": Sums({"sum(cost_usd)": COST, "count()": "count(cost_usd)"}),
    "cache_efficiency": Sums(
        {
            "sum(input_tokens)": IN,
            "sum(cache_read_tokens)": READ,
            "sum(cache_write_tokens)": WRITTEN,
            "sum(cost_cache_read_usd)": "sum(cost_cache_read_usd)",
            "sum(cost_cache_write_usd)": "sum(cost_cache_write_usd)",
        }
    ),
    # Lines of calls whose cost is unknown have an amount where a price is known all the same.
    "bill_lines": Sums(
        {
            "sumIf(amount_usd, record_id IN (SELECT record_id FROM llmcost.calls WHERE "
            "cost_usd IS NOT NULL))": COST,
            "uniqExact(record_id)": "uniqExactIf(record_id, notEmpty(other_usage) "
            "OR usage_items != '' OR input_tokens + output_tokens > 0)",
        }
    ),
    **{
        f"(SELECT * FROM llmcost.what_if_model WHERE candidate_model = '{candidate}')": Sums(
            {"sum(calls)": CALLS, "sum(cost_usd)": COST},
            where="cost_usd IS NOT NULL AND usage_items = ''",
        )
        for candidate in ("claude-haiku-4-5", "gpt-5", "aws.bedrock/claude-haiku-4-5")
    },
    "budget_status": Sums(
        {"sumIf(spent_usd, period = 'month')": COST},
        where="ts >= toStartOfMonth(now('UTC'))",
    ),
    # Each kind of link for itself: a scope's calls are its session's as well.
    **{
        f"(SELECT * FROM llmcost.outcome_costs WHERE linked_by = '{link}')": Sums(
            {"round(sum(cost_usd), 9)": "round(sum(cost_usd), 9)"},
            where=f"{link}_id IN (SELECT {link}_id FROM llmcost.outcomes WHERE {link}_id != '' "
            f"AND {others})",
        )
        for link, others in (
            ("scope", "1"),
            ("session", "scope_id = ''"),
            ("trace", "scope_id = '' AND session_id = ''"),
        )
    },
    "trust": Sums(
        {
            "sum(calls)": CALLS,
            "sum(unpriced_calls)": UNPRICED,
            "sum(records)": "SELECT count() FROM llmcost.llm_calls FINAL",
        }
    ),
}
NOT_SUMMED = {
    "audit": "what people changed, no spend",
    "anomalies": "excess over a norm, not spend",
    "incidents": "excess over a norm, not spend",
    "savings": "one call is under several levers; tests/cli/test_savings.py adds up the plan",
    "savings_between": "as savings, which reads it",
    "cache_reuse_between": "calls by cache and pause; tests/cli/test_savings.py has its levers",
    "budget_status_in": "as budget_status, which reads it",
    "change_between": "two windows; tests/review/test_change.py compares its parts with Python",
    "reconciliation_between": "recorded beside billed; tests/review/test_reconcile.py has its rows",
    "candidate_models": "names",
}

_BY_TIME = {"sum(usd)": COST}
PANELS: dict[str, Sums | Rows] = {
    # overview
    "Spend": Sums({"sum(spend_usd)": COST}),
    "Per 1,000 calls": Sums({"any(now)": f"1000 * {PER_CALL}"}),
    "Unpriced": Sums({"any(now)": f"{UNPRICED} / count()"}),
    "Cost by ${group_by}": Sums(_BY_TIME),
    "Month so far": Sums({"maxIf(usd_so_far, series = 'this month')": COST}, "month"),
    "What changed, and why": Sums({"sum(now_usd)": COST}, "complete hours"),
    "Budgets": Sums(
        {"sumIf(spent_usd, period = 'month')": COST}, "all", "ts >= toStartOfMonth(now('UTC'))"
    ),
    # feature
    "Calls (stat)": Sums({"sum(call_count)": CALLS}),
    "Per call": Sums({"any(now)": PER_CALL}),
    "p95 per call": Sums({"any(p95_usd)": "quantileExactIf(0.95)(cost_usd, cost_usd IS NOT NULL)"}),
    "Cache hit": Sums({"any(now)": f"{READ} / {IN}"}),
    "Waste": Sums({"any(now)": f"toFloat64(sumIf(cost_usd, {WASTED})) / toFloat64({COST})"}),
    "Cost by model": Sums(_BY_TIME),
    "Unit economics": Sums(
        {
            f"{shown}(if(unit = '{unit}', {column}, NULL))": reported.format(id_)
            for unit, id_ in (("session", "session_id"), ("user", "user_id"), ("run", "scope_id"))
            for shown, column, reported in (
                ("sum", "total_usd", "sumIf(cost_usd, {} != '')"),
                ("any", "units", "uniqExactIf({0}, {0} != '')"),
            )
        },
    ),
    "Caching": Sums({"sum(input_count)": top(30, "feature, model", IN)}),
    "Models": Sums({"sum(calls)": CALLS, "sum(total_usd)": COST}),
    "How calls end": Sums({"sum(calls)": CALLS}),
    "What if all ran on ${candidate}": Sums(
        {"sum(total_usd)": top(20, "feature, model")},
        "days",
        "cost_usd IS NOT NULL AND usage_items = ''",
    ),
    "Most expensive calls": Sums(
        {"sum(cost_usd)": largest(20, "cost_usd")}, where="cost_usd IS NOT NULL"
    ),
    "Users": Sums(
        {
            "sum(call_count)": CALLS,
            "sum(input_count)": IN,
            "sum(output_count)": OUT,
            "sum(total_usd)": COST,
        },
    ),
    "Most expensive traces": Rows(
        "trace_id",
        "trace_id",
        {"call_count": CALLS, "total_usd": COST, "input_count": IN, "output_count": OUT},
    ),
    # explorer
    "Calls (table)": Rows(
        "record_id", "record_id", {"cost_usd": COST, "input_tokens": IN, "output_tokens": OUT}
    ),
    "Sessions": Rows("session_id", "session_id", {"call_count": CALLS, "total_usd": COST}),
    # pipeline
    "Tagged": Sums({"any(share)": "countIf(feature_source = 'tag') / count()"}, "days"),
    "Calls by service": Sums({"sum(call_count)": CALLS}),
    "Services": Sums({"sum(calls)": CALLS}),
    "Without a price": Sums(
        {"sum(calls)": CALLS, "sum(input_count)": IN, "sum(output_count)": OUT},
        where="cost_usd IS NULL",
    ),
    "Days": Sums({"sum(calls)": CALLS}, "days"),
}
PANELS_NOT_SUMMED = {
    "of one incident, or none; test_incidents.py has its calls": {
        "The incident", "What it costs an hour, and usually does", "Why: parts of the excess",
        "Cost of a call, before and since", "Its lines", "Worst calls",
        "Busiest traces and sessions", "Users of the incident", "Call sites",
    },
    "of incidents: excess over a norm": {"Incidents", "Most expensive incidents"},
    "a mean, a quantile or a rate by time; its sums are elsewhere": {
        "Unit costs", "Cache hit by feature", "Tokens of a call", "Cost of a call", "Lag",
        "p95 lag", "Change",
    },
    "what might have been or may be": {"Month forecast", "Next savings"},
    "of budgets: shares and states; Budgets has the sums": {"Budget used"},
    "of one record or trace, or none": {
        "Bill of the record", "About the record", "Cost by call of the trace", "Trace",
    },
    "outcome_costs in other words": {"Cost per outcome"},
    "about the store": {
        "Last call", "Lost records", "Refused (stat)", "Refused (table)", "Storage", "Price books",
    },
}  # fmt: skip
