"""Reissues and corrections as a tablet sends them: sealed, taken in by the center's own intake, photographs arrived."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import msgspec

from center import keyring, photostore, taking
from center.store import devices, photographs
from sync import wire
from sync.ids import uuid7
from sync.seal import seal
from tests.center.conftest import World, arrive, picture

SLIP = "ffeeddccbbaa99887766554433221100"
PAPERS = ("headshot", "cover", "form")


def asked(world: World, cause: str, *, papers: tuple[str, ...] = PAPERS, **changes: Any) -> wire.ReissueBody:
    """What is asked for, with its photographs in the center's photo store."""
    application_id = changes.pop("application_id", uuid7())
    photos = []
    for slot in papers:
        content = picture(f"{application_id} {slot} {changes.get('take', '')}")
        address = hashlib.sha256(content).hexdigest()
        photostore.put(world.settings, "photo", address, content)
        sealed = hashlib.sha256(f"{address}{application_id}{slot}".encode()).hexdigest()
        photos.append(
            wire.Photo(
                slot=slot,  # type: ignore[arg-type]
                position=0,
                sealed_sha256=sealed,
                clear_sha256=address,
                size=len(content) + 48,
                width=560,
                height=700,
            )
        )
    changes.pop("take", None)
    values: dict[str, Any] = {
        "application_id": application_id,
        "receipt": "HC-2222-3333",
        "cause": cause,
        "identity_kind": "national",
        "identity_number": "A223456781",
        "nationality": "",
        "name": "林秀琴",
        "birth_date": date(1958, 8, 16),
        "email": "",
        "card": {},
        "photos": photos,
        "submitted_on": world.now.date(),
        "language": "zh",
        "notice": "本資料僅用於申請志願服務卡等相關志工服務。",
        "slip_secret": SLIP,
    }
    return msgspec.convert(msgspec.to_builtins({**values, **changes}), wire.ReissueBody)


def send(world: World, body: wire.ReissueBody, *, base_rev: int | None = None, seq: int = 1) -> wire.OpResult:
    """The operation, taken in; the photographs arrive."""
    sealed = seal(wire.encode(body), keyring.sealing_public(world.settings), "body")
    op = wire.Op(
        seq=seq,
        op_id=uuid7(),
        kind="application.reissue",
        entity_id=body.application_id,
        base_rev=base_rev,
        schema_v=wire.SCHEMA_V,
        sha256=hashlib.sha256(sealed).hexdigest(),
        needs_blobs=tuple(photo.sealed_sha256 for photo in body.photos),
        body=sealed,
    )
    now_ms = int(world.now.timestamp() * 1000)
    with world.store.write() as conn:
        device = devices.find(conn, world.device_id)
        assert device is not None
        result = taking.Desk(world.settings, keyring.sealing_privates(world.settings), world.now).take(
            conn, device, op
        )
        if result.status == "applied":
            for photo in body.photos:
                arrive_if_awaited(conn, body, photo)
            taking.move_on(conn, body.application_id, now_ms)
    return result


def arrive_if_awaited(conn: Any, body: wire.ReissueBody, photo: wire.Photo) -> None:
    """The photograph comes in, unless it is there already (a corrected case keeps what stays)."""
    counts = photographs.count(conn, body.application_id)
    if counts["awaited"]:
        found = photographs.ToOpen(
            body.application_id, photo.slot, photo.position, photo.sealed_sha256, photo.clear_sha256
        )
        try:
            arrive(conn, found)
        except AssertionError:
            return


def ask(world: World, cause: str, **changes: Any) -> str:
    """A case about a card that waits for its first review; gives its id."""
    body = asked(world, cause, **changes)
    assert send(world, body).status == "applied"
    assert world.case(body.application_id).state == "first_review"
    return body.application_id


def passed_on(world: World, cause: str, **changes: Any) -> str:
    """A case about a card that waits for its second review."""
    application_id = ask(world, cause, **changes)
    assert world.browser("first").decide(application_id, "approve").status_code == 303
    return application_id
