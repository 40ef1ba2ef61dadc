# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a client may rely on when the daemon is started again."""

from __future__ import annotations

import stat
from pathlib import Path

from otel_llmcost.serve import state_file


def test_passwords_outlive_the_daemon_and_are_for_this_user_only(tmp_path: Path) -> None:
    made = state_file.passwords(tmp_path)
    assert state_file.passwords(tmp_path) == made
    assert made["writer"] != made["admin"]
    assert stat.S_IMODE((tmp_path / "passwords.json").stat().st_mode) == 0o600
