# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m otel_llmcost` is the same as `otel-llmcost`."""

from otel_llmcost.cli import main

main()
