# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.attribution.gate import Verdict, judge, sentence
from otel_llmcost.attribution.run_record import RunRecord, run_record
from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing import PriceBook
from otel_llmcost.reports import Filters, Window
from otel_llmcost.store import Store
from tests.cli.conftest import Command, rows
from tests.review.traffic import DAY, A, B, Call, fill, priced, unpriced

pytestmark = pytest.mark.slow

USED = {"input": 20_000, "output": 500}
CENT = Decimal("0.01")


def recorded(store: Store, *calls: Call, at: dt.datetime = B) -> RunRecord:
    """The record of a run in which these calls were made."""
    store.command("TRUNCATE TABLE llmcost.llm_calls")
    fill(store, calls)
    window = Window(A - DAY, B + DAY, Filters(service="shop"))
    return dataclasses.replace(run_record(store.query, window), recorded_at=at)


def one(store: Store, a: list[Call], b: list[Call], limit: float = 0.1) -> Verdict:
    (verdict,) = judge(recorded(store, *b), recorded(store, *a), limit, CENT).verdicts
    return verdict


def test_a_record_survives_its_file(embedded_store: Store, tmp_path: Path) -> None:
    reported = recorded(
        embedded_store, priced(B, scope_id="s1"), priced(B, geo="us", price_geo="1.1"),
        unpriced(B), priced(B, feature="x", scope_id="s2", mode="batch"),
    )  # fmt: skip
    path = tmp_path / "record.json"
    path.write_text(reported.to_json())
    assert RunRecord.load(path) == reported
    raw = json.loads(path.read_text())
    assert (raw["calls"], raw["unpriced_calls"]) == (4, 1)
    assert Decimal(raw["cost_usd"]) == Decimal("0.026")
    assert reported.runs == {"x": 1}  # one call of the other feature has no scope


def test_the_same_work_passes_and_noise_too(embedded_store: Store) -> None:
    a = [priced(B, buckets=USED)]
    assert one(embedded_store, a, a).state == "ok"
    slightly = [priced(B, buckets={"input": 21_000, "output": 500})]
    assert one(embedded_store, a, slightly).state == "ok"
    # Twice as expensive, but less than a cent over the whole run.
    tiny = {"input": 100, "output": 1}
    more = {"input": 200, "output": 2}
    verdict = one(embedded_store, [priced(B, buckets=tiny)], [priced(B, buckets=more)])
    assert verdict.state == "below --min-usd"
    assert verdict.increase == pytest.approx(1)


def test_what_passes_only_because_it_is_little_money_is_named(
    cli: Command, embedded_store: Store, tmp_path: Path
) -> None:
    for name, tokens in (("old", 100), ("new", 300)):
        reported = recorded(embedded_store, priced(B, buckets={"input": tokens}))
        (tmp_path / f"{name}.json").write_text(reported.to_json())
    passed = cli("gate", "new.json", "--baseline", "old.json")
    assert passed.exit_code == 0
    assert "below --min-usd" in passed.stdout
    assert "support +200.0 %" in passed.stderr
    assert "`--min-usd 0` makes that fail" in passed.stderr
    assert cli("gate", "new.json", "--baseline", "old.json", "--min-usd", "0").exit_code == 1


def test_a_longer_prompt_fails_with_its_reason_and_fix(embedded_store: Store) -> None:
    longer = {"input": 40_000, "output": 500}
    verdict = one(embedded_store, [priced(B, buckets=USED)], [priced(B, buckets=longer)])
    text = sentence(verdict, 0.1)
    assert verdict.state == "failed"
    assert "support: a call costs $0.21, it was $0.11: +88.9 %, 10 % are allowed" in text
    assert "+$0.10 longer prompts" in text
    assert "what was added to the prompt" in text


def test_a_loop_is_found_by_runs_of_the_feature(embedded_store: Store) -> None:
    a = [priced(B, buckets=USED, scope_id="s1"), priced(B, buckets=USED, scope_id="s2")]
    b = [priced(B, buckets=USED, scope_id="s3") for _ in range(3)]
    verdict = one(embedded_store, a, b)
    assert (verdict.unit, verdict.a_units, verdict.b_units) == ("run", 2, 1)
    assert verdict.increase == pytest.approx(2)
    assert "more calls" in verdict.why
    assert "loop" in verdict.fix


def test_more_tests_of_the_same_cost_pass(embedded_store: Store) -> None:
    a = [priced(B, buckets=USED)]
    assert one(embedded_store, a, a * 1 + [priced(B, buckets=USED) for _ in "123"]).state == "ok"


@pytest.mark.parametrize(
    ("later", "part", "fix"),
    [
        ({"model": "claude-opus-5", "buckets": {"input": 20_000}}, "model", "other model"),
        ({"buckets": {"input": 20_000, "output": 9_000}}, "longer answers", "max_tokens"),
        ({"mode": "fast", "buckets": {"input": 20_000}}, "more expensive tiers", "service tier"),
        ({"buckets": {"input": 20_000, "web_search_call": 9}}, "more tools", "web searches"),
    ],
)
def test_every_reason_has_its_fix(
    embedded_store: Store, later: dict[str, Any], part: str, fix: str
) -> None:
    start: dict[str, Any] = {"buckets": {"input": 20_000}}
    if later.get("model"):
        start["model"] = "claude-haiku-4-5"
    verdict = one(embedded_store, [priced(B, **start)], [priced(B, **later)])
    assert part in verdict.why
    assert fix in verdict.fix


def test_a_lost_cache_names_the_cache(embedded_store: Store) -> None:
    a = [priced(B, buckets={"input": 100, "cache_read": 50_000})]
    verdict = one(embedded_store, a, [priced(B, buckets={"input": 50_100})])
    assert "less from the cache" in verdict.why
    assert "beginning of the prompt" in verdict.fix


def test_new_and_gone_features_pass_and_are_named(embedded_store: Store) -> None:
    a, b = (recorded(embedded_store, priced(B, feature=name)) for name in ("old", "fresh"))
    judged = judge(b, a, 0.1, CENT)
    assert [(v.feature, v.state) for v in judged.verdicts] == [("fresh", "new"), ("old", "gone")]
    assert not judged.failed


def test_a_cost_that_became_unknown_fails(embedded_store: Store) -> None:
    verdict = one(embedded_store, [priced(B)], [priced(B), unpriced(B, model="house-1")])
    assert verdict.state == "unknown"
    assert "house-1" in sentence(verdict, 0.1)
    same = [unpriced(B, model="house-1")]
    assert one(embedded_store, same, same).state == "ok"


def test_a_price_that_changed_since_is_nobodys_fault(embedded_store: Store) -> None:
    call: dict[str, Any] = {"model": "gpt-5.6-sol", "provider": "openai", "buckets": USED}
    cheaper = recorded(embedded_store, priced(B, **call))
    expensive = recorded(embedded_store, priced(A, **call), at=A)
    judged = judge(cheaper, expensive, 0.0, Decimal(0))
    assert [v.state for v in judged.verdicts] == ["ok"]
    assert judged.verdicts[0].increase == 0
    assert "The baseline cost $0.12" in judged.notes[0]
    assert "compared at $0.09" in judged.notes[0]


def test_long_context_regions_and_batches_are_repriced_to_the_digit(embedded_store: Store) -> None:
    calls = [
        priced(B, model="gpt-5.6-sol", provider="openai", price_context="long",
               buckets={"input": 300_000, "output": 10}),
        priced(B, geo="us", price_geo="1.1", buckets={"input": 7, "web_search_call": 2}),
        priced(B, mode="batch", buckets={"input": 1001, "cache_write_1h": 3, "output": 7}),
    ]  # fmt: skip
    reported = recorded(embedded_store, *calls)
    for line in reported.lines:
        anew = line.repriced(PriceBook.default(), B.date())
        assert anew is not None
        assert anew.cost_usd == line.cost_usd


def test_what_cannot_be_repriced_is_compared_as_recorded_and_said(embedded_store: Store) -> None:
    a = recorded(embedded_store, priced(B, usage_items='[{"model":"x"}]'))
    judged = judge(recorded(embedded_store, priced(B)), dataclasses.replace(a, price_book="2026.1"),
                   0.1, CENT)  # fmt: skip
    assert [v.state for v in judged.verdicts] == ["ok"]
    assert "1 line that cannot be repriced from 2026.1" in " ".join(judged.notes)


def test_the_command_fails_the_build_and_says_how_to_accept(
    cli: Command, embedded_store: Store, tmp_path: Path
) -> None:
    longer = {"input": 90_000, "output": 500}
    for name, used in (("base", USED), ("new", longer)):
        reported = recorded(embedded_store, priced(B, buckets=used))
        (tmp_path / f"{name}.json").write_text(reported.to_json())
    failed = cli("gate", "new.json", "--baseline", "base.json", "--max-increase", "10%")
    assert failed.exit_code == 1
    assert "Cost gate FAILED: 1 failed." in failed.stderr
    assert "cp new.json base.json" in failed.stderr
    passed = cli("gate", "base.json", "--baseline", "base.json", "--format", "json")
    assert [row["state"] for row in rows(passed)] == ["ok"]
    assert "Cost gate passed" in passed.stderr
    allowed = cli("gate", "new.json", "--baseline", "base.json", "--max-increase", "500")
    assert allowed.exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot read"),
        ("[]", "no record"),
        ('{"a": 1}', "no record"),
        ('{"otel_llmcost_record": 9}', "another version"),
        ('{"otel_llmcost_record": 1, "recorded_at": "x"}', "damaged"),
        ('{"otel_llmcost_record": 1, "recorded_at": "2026-01-01", "service": "", "price_book": "", '
         '"runs": {}, "lines": [{}]}', "damaged"),
    ],
)  # fmt: skip
def test_a_malformed_record_says_how_to_make_one(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        RunRecord.load(path)
    with pytest.raises(ConfigError, match="--record FILE"):
        RunRecord.load(tmp_path / "absent.json")


@pytest.mark.parametrize(
    "wrong", [("--max-increase", "much"), ("--max-increase", "-1%"), ("--min-usd", "x")]
)
def test_limits_that_cannot_be_read_are_one_line(cli: Command, wrong: tuple[str, str]) -> None:
    result = cli("gate", "a.json", "--baseline", "b.json", *wrong)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


APP = """
import anthropic, sys
client = anthropic.Anthropic(api_key="x", base_url=sys.argv[1])
for _ in range(int(sys.argv[2])):
    client.messages.create(
        model="claude-opus-5", max_tokens=9, messages=[{"role": "user", "content": "x"}])
sys.exit(int(sys.argv[3]))
"""


def test_run_records_and_gate_runs_a_command(provider: str, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    mine = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}

    def otel_llmcost(*args: str, calls: int, code: int = 0) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "otel_llmcost.cli", *args, "--store", str(tmp_path / "store"),
             "--", sys.executable, "shop.py", provider, str(calls), str(code)],
            env={**mine, "LLMCOST_HOSTS": f"{provider.removeprefix('http://')}=anthropic"},
            cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip

    done = otel_llmcost("run", "--record", "base.json", calls=2)
    assert done.returncode == 0, done.stderr
    reported = RunRecord.load(tmp_path / "base.json")
    assert sum(line.calls for line in reported.lines) == 2
    assert sum(line.cost_usd or 0 for line in reported.lines) == Decimal("0.017")
    passed = otel_llmcost("gate", "--baseline", "base.json", "--record", "n.json", calls=3)
    assert passed.returncode == 0, passed.stderr
    assert "Cost gate passed: 1 ok." in passed.stderr
    assert (tmp_path / "n.json").exists()
    broken = otel_llmcost("gate", "--baseline", "base.json", calls=0, code=3)
    assert (broken.returncode, "was not compared" in broken.stderr) == (3, True)
