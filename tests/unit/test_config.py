# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Settings come from the environment; a bad one never stops an application."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from otel_llmcost.config import Config
from otel_llmcost.errors import ConfigError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Config.from_env({}) == Config()
    assert Config.from_env({"LLMCOST_EVENTS": " "}) == Config()


def test_every_setting_is_read() -> None:
    config = Config.from_env(
        {
            "LLMCOST_EVENTS": "Always",
            "LLMCOST_OTLP_ENDPOINT": "http://localhost:4318/",
            "LLMCOST_HOSTS": "Gateway:8080=anthropic, proxy.corp = openai",
            "LLMCOST_OPENAI_INJECT_USAGE": "0",
            "LLMCOST_FINGERPRINT": "off",
            "LLMCOST_FINGERPRINT_KEY": "k",
            "LLMCOST_BAGGAGE": "1",
            "LLMCOST_PRICES": os.pathsep.join(["a.toml", "b.toml"]),
        }
    )
    assert config == Config(
        events="always",
        otlp_endpoint="http://localhost:4318",
        hosts={"gateway:8080": "anthropic", "proxy.corp": "openai"},
        openai_inject_usage=False,
        fingerprint=False,
        fingerprint_key="k",
        baggage=True,
        prices=("a.toml", "b.toml"),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLMCOST_EVENTS", "sometimes"),
        ("LLMCOST_OTLP_ENDPOINT", "localhost:4318"),
        ("LLMCOST_HOSTS", "gateway"),
        ("LLMCOST_HOSTS", "http://gateway=anthropic"),
        ("LLMCOST_HOSTS", "gateway/=anthropic"),
        ("LLMCOST_HOSTS", "@/no/such/file"),
        ("LLMCOST_BEDROCK_PROFILES", "a1b2"),
        ("LLMCOST_BAGGAGE", "perhaps"),
    ],
)
def test_a_bad_value_costs_one_warning_and_strict_readers_raise(
    name: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert Config.from_env({name: value}) == Config()
    assert [record.getMessage().split()[0] for record in caplog.records] == [name]
    with pytest.raises(ConfigError, match=name):
        Config.from_env({name: value}, strict=True)


def test_hosts_may_be_declared_by_model_and_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "hosts.txt"
    file.write_text("# our gateway\nGW:4000/anthropic/=anthropic\n\nGW:4000 = openai  # the rest\n")
    expected = {"gw:4000/anthropic/": "anthropic", "gw:4000": "openai"}
    assert Config.from_env({"LLMCOST_HOSTS": f"@{file}"}).hosts == expected
    inline = "GW:4000/anthropic/=anthropic,GW:4000=openai"
    assert Config.from_env({"LLMCOST_HOSTS": inline}).hosts == expected


def test_bedrock_profiles_go_by_id_or_arn() -> None:
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2"
    model = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    text = f"{arn}={model}, c3d4={model}"
    profiles = Config.from_env({"LLMCOST_BEDROCK_PROFILES": text}).bedrock_profiles
    assert profiles == {"a1b2": model, "c3d4": model}


def test_the_fingerprint_key_is_not_shown() -> None:
    assert "secret" not in repr(Config(fingerprint_key="secret"))


def test_settings_are_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().events = "never"  # type: ignore[misc]
