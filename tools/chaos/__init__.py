# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
