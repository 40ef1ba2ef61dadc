# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Names on the wire: attributes, metrics and events this package writes.

The `gen_ai.*` names are OpenTelemetry's (genai semantic conventions), the `gen_ai.usage.cost.*`
ones follow the proposal open-telemetry/semantic-conventions-genai#443, `llmcost.*` is ours.
They are repeated here instead of imported because the incubating module still says
`cache_creation` where the convention now says `cache_write`, and costs import time.
"""

from __future__ import annotations

from typing import Final

SCOPE: Final = "otel_llmcost"
"""Instrumentation scope of all that is ours; the store recognises records by it."""

EVENT_CALL: Final = "llmcost.call"
EVENT_OUTCOME: Final = "llmcost.outcome"
EVENT_BUDGET: Final = "llmcost.budget"

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_STREAM: Final = "gen_ai.request.stream"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_ID: Final = "gen_ai.response.id"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_write.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
AGENT_NAME: Final = "gen_ai.agent.name"
WORKFLOW_NAME: Final = "gen_ai.workflow.name"
TOKEN_TYPE: Final = "gen_ai.token.type"
USER_ID: Final = "user.id"
SESSION_ID: Final = "session.id"
SERVER_ADDRESS: Final = "server.address"
ERROR_TYPE: Final = "error.type"
RESEND_COUNT: Final = "http.request.resend_count"
CODE_FUNCTION: Final = "code.function.name"
CODE_FILE: Final = "code.file.path"
CODE_LINE: Final = "code.line.number"

COST_AMOUNT: Final = "gen_ai.usage.cost.amount"
COST_CURRENCY: Final = "gen_ai.usage.cost.currency"
COST_SOURCE: Final = "gen_ai.usage.cost.source"

RECORD_ID: Final = "llmcost.record.id"
RECORD_REVISION: Final = "llmcost.record.revision"
RECORD_SEQ: Final = "llmcost.record.seq"
START_TIME: Final = "llmcost.start_time_unix_nano"
FEATURE: Final = "llmcost.feature"
SCOPE_ID: Final = "llmcost.scope.id"
ALLOCATION_PREFIX: Final = "llmcost.allocation."
COST_STATUS: Final = "llmcost.cost.status"
COST_REASON: Final = "llmcost.cost.reason"
COST_GROUP_PREFIX: Final = "llmcost.cost."
COST_REPORTED: Final = "llmcost.cost.reported"
COST_CONTRACTED: Final = "llmcost.cost.contracted"
USAGE_PREFIX: Final = "llmcost.usage."
USAGE_ITEMS: Final = "llmcost.usage.items"
PRICE_VERSION: Final = "llmcost.price.version"
PRICE_MODE: Final = "llmcost.price.mode"
PRICE_CONTEXT: Final = "llmcost.price.context"
PRICE_GEO: Final = "llmcost.price.geo"
STREAM_OUTCOME: Final = "llmcost.stream.outcome"
ATTEMPTS_UNMETERED: Final = "llmcost.attempts_unmetered"
BATCH_ID: Final = "llmcost.batch.id"
REPLIES: Final = "llmcost.replies"
FINGERPRINT_REQUEST: Final = "llmcost.fingerprint.request"
FINGERPRINT_PREFIX: Final = "llmcost.fingerprint.prefix"
BUDGET_NAME: Final = "llmcost.budget.name"
BUDGET_DECISION: Final = "llmcost.budget.decision"
BUDGET_DECISION_ID: Final = "llmcost.budget.decision.id"
BUDGET_AMOUNT: Final = "llmcost.budget.amount"
BUDGET_COMMITTED: Final = "llmcost.budget.committed"
BUDGET_ESTIMATE: Final = "llmcost.budget.estimate"
OUTCOME_NAME: Final = "llmcost.outcome.name"
OUTCOME_VALUE: Final = "llmcost.outcome.value"
OUTCOME_ID: Final = "llmcost.outcome.id"

METRIC_DURATION: Final = "gen_ai.client.operation.duration"
METRIC_TOKENS: Final = "gen_ai.client.token.usage"
METRIC_COST: Final = "gen_ai.client.operation.cost"
METRIC_ERRORS: Final = "llmcost.instrumentation.errors"
METRIC_DROPPED: Final = "llmcost.records.dropped"
