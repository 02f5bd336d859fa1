"""What a case says is changed, as a tablet's amendment changes it."""

from __future__ import annotations

from typing import Any

import msgspec

from center.store import cases, intake


def amend(world: Any, application_id: str, state: str = "incomplete", **changes: Any) -> int:
    """The application says this from now on; gives its rev."""
    before = world.case(application_id)
    now_ms = int(world.now.timestamp() * 1000)
    body = msgspec.structs.replace(before.body, **changes)
    with world.store.write() as conn:
        standing = intake.standing(conn, application_id)
        assert standing is not None
        rev = intake.replace(
            conn, standing, body, intake.Facts(before.idbx, body.name, {"outcome": "pass"}, ()),
            device_id=world.device_id, now_ms=now_ms, state=state,
        )  # fmt: skip
        cases.record(conn, application_id, actor=world.device_id, what="amended", rev=rev, now_ms=now_ms)
    return rev
