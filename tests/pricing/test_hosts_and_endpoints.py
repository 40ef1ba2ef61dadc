# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who bills is decided by the host; what is billed, by method and path."""

from __future__ import annotations

import pytest

from otel_llmcost import providers


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        (None, "openai"),
        ("https://api.anthropic.com", "anthropic"),
        ("https://api.openai.com/v1", "openai"),
        ("https://EU.api.openai.com./v1/", "openai"),
        ("https://bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock"),
        ("https://bedrock-mantle.eu-west-1.api.aws/anthropic", "aws.bedrock"),
        ("https://us-east5-aiplatform.googleapis.com/v1", "gcp.vertex_ai"),
        ("https://aiplatform.eu.rep.googleapis.com/v1", "gcp.vertex_ai"),
        ("https://contoso.openai.azure.com/openai", "azure.ai.openai"),
        ("https://contoso.cognitiveservices.azure.com/", "azure.ai.openai"),
        ("https://contoso.services.ai.azure.com/anthropic", "azure.ai.foundry"),
        ("https://aws-external-anthropic.us-east-1.api.aws", "anthropic"),
        ("http://localhost:8000/v1", None),
        ("https://gateway.example/v1", None),
        ("https://api.openai.com.evil.example/v1", None),
        ("https://evil-api.openai.com/v1", None),
        ("http://[bad", None),
        ("nonsense", None),
    ],
)
def test_the_host_says_billing_provider(url: str | None, provider: str | None) -> None:
    assert providers.billing_provider(url, {}, "openai") == provider


def test_a_declared_host_wins_with_or_without_its_port() -> None:
    hosts = {"localhost:8000": "openai", "gateway.example": "anthropic"}
    assert providers.billing_provider("http://localhost:8000/v1", hosts, "openai") == "openai"
    assert providers.billing_provider("http://localhost:9000/v1", hosts, "openai") is None
    assert (
        providers.billing_provider("https://gateway.example:444/v1", hosts, "openai") == "anthropic"
    )
    declared = {"api.openai.com": "azure.ai.openai"}
    assert (
        providers.billing_provider("https://api.openai.com/v1", declared, "openai")
        == "azure.ai.openai"
    )


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("anthropic/claude-opus-5", "anthropic"),
        ("openai/gpt-6-sol", "openai"),
        ("openai/eu/gpt-6-sol", "azure.ai.openai"),
        ("gpt-6-sol", "aws.bedrock"),
        (None, "aws.bedrock"),
    ],
)
def test_at_one_host_the_model_may_decide_the_billing_provider(
    model: str | None, provider: str
) -> None:
    hosts = {
        "gw:4000": "aws.bedrock",
        "gw:4000/anthropic/": "anthropic",
        "gw:4000/openai/": "openai",
        "gw:4000/openai/eu/": "azure.ai.openai",
        "gw:5000/openai/": "mistral_ai",
    }
    assert providers.billing_provider("http://gw:4000/v1", hosts, "openai", model) == provider


def test_a_host_declared_for_some_models_only_is_unknown_for_the_rest() -> None:
    hosts = {"gw/anthropic/": "anthropic"}
    assert providers.billing_provider("http://gw/v1", hosts, "openai", "anthropic/x") == "anthropic"
    assert providers.billing_provider("http://gw/v1", hosts, "openai", "openai/x") is None


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("post", "/v1/messages", "/v1/messages"),
        ("POST", "/v1/messages?beta=true", "/v1/messages"),
        ("POST", "/v1/messages/count_tokens", None),
        ("POST", "/v1/messages/batches", None),
        ("GET", "/v1/messages/batches/msgbatch_1/results", "/v1/messages/batches/{id}/results"),
        ("POST", "/chat/completions", "/v1/chat/completions"),
        ("POST", "/openai/deployments/my-mini/chat/completions", "/v1/chat/completions"),
        ("POST", "/deployments/my-mini/embeddings", "/v1/embeddings"),
        ("POST", "/openai/v1/responses", "/v1/responses"),
        ("POST", "/responses?beta=true", "/v1/responses"),
        ("POST", "/responses/compact", "/v1/responses/compact"),
        ("POST", "/responses/resp_1/cancel", None),
        ("GET", "/responses/resp_1", "/v1/responses/{id}"),
        ("GET", "/chat/completions/c1", None),
        ("GET", "/files/file-1/content", "/v1/files/{id}/content"),
        ("POST", "/images/generations", "/v1/images/generations"),
        ("POST", "/audio/transcriptions", "/v1/audio/transcriptions"),
        ("POST", "/moderations", None),
        ("GET", "/models", None),
        ("POST", "/videos/video_1/remix", "/v1/videos/{id}/remix"),
        ("GET", "/videos/video_1", None),
        ("POST", "/threads/t/runs", "/v1/threads/{id}/runs"),
        ("GET", "/threads/t/runs/r", None),
        ("POST", "/v1/sessions/s/events", "/v1/sessions/{id}/events"),
        ("POST", "/model/us.anthropic.claude-opus-5/invoke", "/v1/messages"),
        ("POST", "/model/x/converse", "converse"),
        (
            "POST",
            "/projects/p/locations/global/publishers/anthropic/models/claude:rawPredict",
            "/v1/messages",
        ),
        ("POST", "", None),
    ],
)
def test_only_some_requests_are_billed(method: str, path: str, endpoint: str | None) -> None:
    assert providers.billable(method, path) == endpoint


@pytest.mark.parametrize(
    ("provider", "model", "name"),
    [
        ("aws.bedrock", "anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307"),
        ("aws.bedrock", "jp.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/x", None),
        ("aws.bedrock", "us-gov.anthropic.claude-opus-4-6-v1", None),
        ("gcp.vertex_ai", "claude-haiku-4-5@20251001", "claude-haiku-4-5-20251001"),
        ("gcp.vertex_ai", "claude-opus-5@default", "claude-opus-5"),
        ("openai", "gpt-6-sol", "gpt-6-sol"),
    ],
)
def test_cloud_names_lead_to_the_makers_name(provider: str, model: str, name: str | None) -> None:
    assert providers.canonical(provider, model) == (name or model)
