"""What one kiosk is set to. Lives in `kiosk.json` of its data folder; keys and PINs are not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

from honorcard.jurisdiction import Jurisdiction, in_force, overridden
from web import settings_file

Profile = Literal["staff", "public", "verifier", "hosted", "training"]
FILE = "kiosk.json"
UNNAMED = "花博爭艷館 1 號機"  # on the head of a kiosk that nobody has named and no center knows
PRACTICE = "practice"  # of a training device: the folder of everything that is done while practising


@dataclass(frozen=True)
class Settings:
    """Settings of a kiosk; every one has a default that works on a single tablet."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8100
    center_url: str = ""
    station: str = UNNAMED
    event: str = ""
    profile: Profile = "staff"
    jurisdiction: str = "taipei"
    rules: Mapping[str, Any] = field(
        default_factory=dict
    )  # what differs from the jurisdiction: {"training_gate": "enforce"}
    card_prefix: str = "HTTPS://HC.TAIPEI/"
    printer_uri: str = ""
    print_paper: Literal["auto", "a4"] = "auto"  # card stock where it lies ready in the printer, or always A4
    sync_every_s: float = 5.0
    idle_lock_s: int = 900
    idle_ask_s: int = 20  # a public screen that nobody touches asks whether somebody is there
    idle_answer_s: int = 20  # and so long waits for an answer before it is wiped; never less than 20 (WCAG 2.2.1)
    reprints_by_slip: int = 3  # so often a volunteer prints the same card again; after that staff do
    gate_hold_s: int = 12
    lan: bool = (
        False  # whether phones on this machine's network may come: https, and plain http for the way to trust it
    )
    lan_port: int = 8443
    lan_http_port: int = 8080
    lan_name: str = ""  # the name phones may use; empty: this machine's own, with .local
    plain_http: Literal["training", "on", "off"] = "training"  # where the app itself is served without TLS too
    log: str = "text"  # what is written to standard error: text, or json with a line for each request
    key_custody: Literal["file", "passphrase"] = "file"  # how the data key is kept (sync.md B.2)
    keep_durable_days: int = 30  # what a backup of the center covers stays here for so long
    copy_dir: str = ""  # where the nightly copy of what is sealed goes: another partition or card
    free_bytes_warn: int = 500_000_000  # below it the tablet says so
    free_bytes_stop: int = 200_000_000  # below it no new application is begun
    free_bytes_submit: int = 20_000_000  # below it none is submitted: its sealed copy would not fit

    def rules_on(self, day: date) -> Jurisdiction:
        """The rules that an application of that day is judged by. ProblemError `jurisdiction_unknown`,
        `rules_setting_wrong`.
        """
        return overridden(in_force(self.jurisdiction, day), self.rules)

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.data_dir / "kiosk.db"

    @property
    def key_file(self) -> Path:
        """The data key (32 random bytes, mode 0600), outside the database (sync.md B.2). A practice room has its machine's."""
        return self.machine.data_dir / "keys" / "data.key"

    @property
    def machine(self) -> Settings:
        """The machine's own settings: what is about its line, its keys and its PIN. These, but in a practice room."""
        return self

    @property
    def practice_room(self) -> PracticeRoom:
        """The same settings over the folder in which everything is kept that is done while practising."""
        return PracticeRoom(**{**_values(self), "data_dir": self.data_dir / PRACTICE})

    @property
    def lan_keys(self) -> Path:
        """Key and certificate of this host's own authority, and of the host (kiosk.local_ca)."""
        return self.machine.data_dir / "keys" / "lan"

    @property
    def photos_dir(self) -> Path:
        """Draft photographs, each under the data key (AES-GCM)."""
        return self.data_dir / "photos"

    @property
    def blobs_dir(self) -> Path:
        """Sealed photographs by content address, waiting for the center."""
        return self.data_dir / "blobs"

    @property
    def pack_dir(self) -> Path:
        """The verification pack in use."""
        return self.data_dir / "pack"

    @property
    def trust_file(self) -> Path:
        """The trust list received at enrolment and renewed by sync."""
        return self.data_dir / "trust.json"


@dataclass(frozen=True)
class PracticeRoom(Settings):
    """Settings of a training device, as its practice room sees them: a kiosk of its own in a folder of the machine's, so that
    nothing of it can mix with what is real.
    """

    @property
    def machine(self) -> Settings:
        """The machine's own settings."""
        return Settings(**{**_values(self), "data_dir": self.data_dir.parent})

    @property
    def practice_room(self) -> PracticeRoom:
        """These."""
        return self


def _values(settings: Settings) -> dict[str, Any]:
    return {one.name: getattr(settings, one.name) for one in fields(settings)}


def load(data_dir: Path) -> Settings:
    """The settings of a data folder; defaults where the file says nothing."""
    return settings_file.load(Settings, data_dir, FILE)


def save(settings: Settings) -> None:
    """Writes the settings to their folder (whole file or nothing); what was set in a practice room is its machine's."""
    settings_file.save(settings, settings.machine.data_dir, FILE)
