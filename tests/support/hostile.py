# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Texts that no reader expects in an attribute."""

from __future__ import annotations

HOSTILE = [
    "", " ", "abc", "NaN", "nan", "inf", "-Infinity", "-1", "-0", "0x10", "1e999", "1e-999",
    "1e30", "1e18", "9" * 400, "18446744073709551615", "18446744073709551616",
    "9223372036854775807", "-9223372036854775808", "1.5", "12.0", "1,5", "1_000", "true", "null",
    "[]", "[", '["a", 1, null]', '[["a"]]', "{}", '{"a":', "\x00", "'; DROP TABLE x", "\\",
    "é" * 50, "\ud7ff", "x" * 100_000,
]  # fmt: skip
