# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import sys

from tools.charts import BUILT, build, problems

if sys.argv[1:] == ["--check"]:
    found = problems()
    print("\n".join(found) or f"{BUILT.name} is as it was built")
    sys.exit(bool(found))
build()
print(f"{BUILT}: {BUILT.stat().st_size:,} bytes")
