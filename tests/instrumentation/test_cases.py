# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The cases and traps of the SDK surface in cases.md: which test holds each, and which none can.

A test names what it covers with `@pytest.mark.case(16)` or `@pytest.mark.trap("T4")`; tests that
are about more than a case are listed here by name, worked bills by their id.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
CASES_TEXT = Path(__file__).with_name("cases.md")
BILLS = (TESTS / "data/billing_cases.jsonl", TESTS / "data/billing/own_cases.jsonl")
SURFACES = "test_a_method_records_each_reply_once"
MATRIX = "the whole of tests/instrumentation runs with each version: `make test-matrix`"

CASES: dict[int, list[str]] = {
    1: ["own-an-four-input-classes"],
    4: ["test_a_split_larger_than_its_total_is_contradictory"],
    5: ["test_later_counts_replace_earlier_ones_and_dimensions_stay"],
    6: ["an-stream-server-tool-input-grows"],
    11: ["test_a_cancelled_stream_is_abandoned"],
    12: ["test_an_error_event_in_a_stream_names_its_type"],
    14: ["test_raw_access_is_recorded_once", "test_lines_of_a_stream_are_metered_like_events"],
    15: ["test_a_body_read_later_is_recorded_when_it_is_read"],
    19: [SURFACES],
    24: ["test_a_compaction_is_billed_on_top_of_the_reply"],
    25: ["an-iter-advisor", "an-iter-advisor-haiku"],
    26: ["test_a_model_that_refused_in_mid_output_is_billed_at_its_own_price"],
    27: ["test_a_model_that_refused_before_any_output_is_free_when_another_answers"],
    28: ["an-refusal-2026-07-free", "test_a_refused_stream_has_no_content_and_is_free"],
    29: ["test_a_refusal_after_output_is_billed"],
    30: ["test_a_reply_that_only_compacts_costs_its_iterations"],
    31: ["test_one_strange_value_anywhere_is_a_cost_or_a_reason"],
    32: ["own-an-fast-asked-standard-served"],
    33: ["an-geo-us-opus55-all", "an-geo-global", "an-geo-not-available"],
    34: ["an-batch-sonnet45", "test_committed_capacity_is_an_estimate_at_list_price"],
    35: ["an-batch-websearch-full-price", "an-tool-webfetch-free"],
    36: ["test_code_execution_makes_the_cost_a_lower_bound"],
    37: [
        "test_results_become_one_record_per_model_and_price",
        "test_a_second_download_makes_the_same_record",
        "test_a_failed_line_of_a_batch_is_free",
    ],
    38: [SURFACES, "test_only_some_requests_are_billed"],
    39: [SURFACES, "test_a_bedrock_stream_is_metered_through_its_binary_framing"],
    41: ["test_one_usage_bearing_span_and_one_event"],
    42: ["test_switched_off_native_tracing_leaves_the_span_to_us"],
    43: ["test_a_call_that_a_customer_pays_for_costs_nothing_and_names_the_customer"],
    44: [SURFACES, "test_requests_without_an_sdk_method_get_a_span_of_ours"],
    50: ["test_a_reply_that_cannot_be_parsed_still_costs"],
    52: [
        "test_instrumenting_twice_records_once",
        "test_each_reply_is_reported_once_by_us_and_never_on_a_second_span",
    ],
    53: ["test_threads_do_not_mix_up_their_calls", "test_tasks_do_not_mix_up_their_calls"],
    55: ["test_an_unsampled_span_leaves_an_event", "test_the_store_equals_the_ledger"],
    56: ["test_a_call_that_could_not_be_priced_keeps_its_tokens"],
    57: ["oa-audio-gpt-audio", "oa-reasoning-included", "own-oa-n-2-and-predictions"],
    58: [
        "test_chunks_are_those_of_a_stream_without_usage",
        "test_usage_the_application_requested_is_left_alone",
        "test_the_applications_own_arguments_stay_as_they_are",
    ],
    59: ["test_other_chunks_without_choices_reach_the_application"],
    61: ["test_nothing_is_requested_when_switched_off_or_at_unknown_hosts"],
    67: ["test_a_background_response_is_billed_once_when_it_is_done"],
    68: ["oa-window-2h-6.2-sol", "own-oa-window-8h-cache-write"],
    69: ["test_reading_an_old_response_costs_nothing", SURFACES],
    70: [SURFACES],
    71: [
        "own-oa-both-write-lifetimes",
        "own-oa-cached-and-written-over-input",
        "own-oa-write-split-over-total",
    ],
    72: ["oa-tool-ws-2search-1open", "test_metered_searches_win_over_counted_items"],
    74: ["oa-tool-image-gen-in-responses", "own-oa-image-with-svg"],
    75: ["test_file_searches_and_containers"],
    76: ["oa-priority-downgraded", "oa-fast-6-astra", "oa-ultrafast-6.2-sol-promo-3x"],
    77: ["test_regional_hosts_cost_more_for_newer_models_only", "oa-geo-eu-6-sol"],
    78: ["test_an_azure_call_is_metered_by_the_model_of_the_reply", "az-deployment-cached"],
    79: [SURFACES, "test_every_finished_image_of_a_stream_is_counted"],
    80: [SURFACES, "own-oa-transcription-stream", "own-oa-speech-stream-by-tokens"],
    81: ["test_an_openai_output_file_is_a_batch_and_other_files_are_not"],
    82: ["test_realtime_prices_every_modality_and_the_transcriber_by_its_own_model"],
    83: ["test_every_response_of_a_connection_is_one_record"],
    84: ["test_a_live_session_costs_its_running_and_its_paused_time"],
    90: ["test_uninstrument_restores_every_class"],
}
TRAPS: dict[str, list[str]] = {
    "T1": ["test_one_usage_bearing_span_and_one_event"],
    "T2": ["test_one_usage_bearing_span_and_one_event"],
    "T3": ["test_later_counts_replace_earlier_ones_and_dimensions_stay"],
    "T8": ["test_retries_cost_once_and_are_counted", "own-an-four-input-classes"],
    "T10": [SURFACES],
    "T13": ["test_a_compaction_is_billed_on_top_of_the_reply", "an-iter-advisor"],
    "T15": ["test_a_background_response_is_billed_once_when_it_is_done"],
    "T17": [SURFACES],
    "T19": [
        "test_vertex_keeps_the_model_that_it_moves_into_the_path",
        "test_usage_is_requested_of_azure_streams_where_azure_has_the_option",
    ],
    "T21": ["test_other_chunks_without_choices_reach_the_application"],
    "T22": ["test_an_error_event_in_a_stream_names_its_type"],
    "T27": ["test_the_store_counts_each_reply_once_and_names_who_reported_it_again"],
    "T28": ["test_a_call_leaves_one_record_with_its_exact_cost"],
}
# Met in another way, or not at all: what happens instead, and why.
OTHERWISE: dict[int | str, str] = {
    2: "no split = five-minute writes, as the provider bills it: own-an-write-without-split-is-5m",
    3: "as 2: the request's own TTLs are not a bill",
    40: MATRIX,
    73: "searches in the output are counted (page opens are not) and priced, without a flag",
    85: "httpx is what the older SDKs of the matrix send with; an aiohttp client is not tested",
    86: MATRIX,
    88: "billed by the usage of the reply, as any other: own-an-prewarm-bills-the-write",
    "T30": "nothing of ours imports or patches a resource: the patch is on _base_client",
}


def listed(pattern: str) -> set[str]:
    """The first cells of the rows of cases.md that match."""
    return set(re.findall(rf"^\| ({pattern}) \|", CASES_TEXT.read_text("utf-8"), re.MULTILINE))


@cache
def known_tests() -> frozenset[str]:
    """The names of all tests and worked bills."""
    names: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(node.name)
    for path in BILLS:
        names.update(json.loads(line)["id"] for line in path.read_text("utf-8").splitlines())
    return frozenset(names)


def marked(kind: str) -> Iterator[object]:
    """What the markers of this kind name, in all test files."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for mark in node.decorator_list:
                    if (
                        isinstance(mark, ast.Call)
                        and ast.unparse(mark.func) == f"pytest.mark.{kind}"
                    ):
                        yield from (ast.literal_eval(argument) for argument in mark.args)


def test_every_case_is_covered_or_explained_once() -> None:
    covered = set(marked("case")) | CASES.keys()
    explained = {case for case in OTHERWISE if isinstance(case, int)}
    assert covered | explained == {int(number) for number in listed(r"\d+")}
    assert covered & explained == set()


def test_every_trap_is_covered_or_explained_once() -> None:
    covered = set(marked("trap")) | TRAPS.keys()
    explained = {trap for trap in OTHERWISE if isinstance(trap, str)}
    assert covered | explained == listed(r"T\d+")
    assert covered & explained == set()


@pytest.mark.parametrize("named", [CASES, TRAPS], ids=["cases", "traps"])
def test_every_test_that_is_named_exists(named: dict[object, list[str]]) -> None:
    assert {name for names in named.values() for name in names} - known_tests() == set()
