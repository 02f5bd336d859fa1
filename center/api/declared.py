"""What the API can do, said once: each operation with its address, scope, bodies and problems.

The addresses are registered from these declarations, requests are checked by them, and the OpenAPI document and the readable
page are made of them, so that none can say something else than another. What is not here: what an operation does (the modules
beside this one), who asks (keys).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from center.store.api_keys import Key

BASE = "/api/v1"
Scope = Literal["cards.status", "cards.changes", "records", "applications", "units", "service.write"]
# scope → what it opens, in both languages
SCOPES: dict[str, tuple[str, str]] = {
    "cards.status": ("查一張卡的狀態", "State of a card"),
    "cards.changes": ("取得卡片異動", "Changes of cards"),
    "records": ("用證號查服務時數和訓練", "Service hours and training by identity number"),
    "applications": ("用收件編號查進度", "How far an application is"),
    "units": ("查運用單位", "Units"),
    "service.write": ("寫入服務紀錄", "Bringing service rows"),
}


@dataclass(frozen=True)
class Param:
    """A parameter: where it stands, its type with what it may be, whether it must be there."""

    name: str
    place: Literal["path", "query", "header"]
    kind: Any
    required: bool = False
    default: Any = None


@dataclass
class Call:
    """One request that was let in and checked. key: None where none is needed. about, purpose: for the log of uses."""

    key: Key | None
    values: Mapping[str, Any]
    body: Any = None
    raw: bytes = b""
    about: str = ""
    purpose: str = ""
    deferred: list[Callable[[Connection], None]] = field(default_factory=list)

    @property
    def units(self) -> frozenset[str]:
        """The units the key is limited to; empty for all."""
        return self.key.units if self.key is not None else frozenset()


Handler = Callable[[Call], msgspec.Struct]


@dataclass(frozen=True)
class Operation:
    """One address and method. summary: Chinese and English. problems: codes beside those any operation may answer."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    scope: str | None
    summary: tuple[str, str]
    says: str
    answer: type[msgspec.Struct]
    handler: Handler
    body: type[msgspec.Struct] | None = None
    params: tuple[Param, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def route(self) -> str:
        """As Flask writes it."""
        return BASE + self.path.replace("{", "<").replace("}", ">")


OPERATIONS: list[Operation] = []


def operation(
    method: Literal["GET", "POST"], path: str, *, scope: Scope | None, summary: tuple[str, str], answer: type[msgspec.Struct],
    body: type[msgspec.Struct] | None = None, params: tuple[Param, ...] = (), problems: tuple[str, ...] = (),
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Declares the function below it as an operation; its docstring's first line is the description."""

    def declare(handler: Handler) -> Handler:
        says = " ".join((handler.__doc__ or "").split("\n\n")[0].split())
        OPERATIONS.append(
            Operation(handler.__name__, method, path, scope, summary, says, answer, handler, body, params, problems)
        )
        return handler

    return declare
