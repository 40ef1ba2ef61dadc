# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where the SDKs are patched, and how they are left as they were."""
