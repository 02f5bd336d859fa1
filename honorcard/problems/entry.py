"""What an entry of the catalogue is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Problem:
    """One kind of trouble: its code, HTTP status and both sentences (with `{named}` details)."""

    code: str
    status: int
    zh: str
    en: str
