# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests that run the command share."""
import os


def environment(**more):
    """The same on every machine: nothing of the user's but where programs are, and how sanitizers are to behave."""
    kept = {name: os.environ[name] for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR")
            if name in os.environ}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "0", **kept, **more}
