"""What one center is set to. Lives in `center.json` of its data folder; keys and passwords are not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from honorcard.jurisdiction import Jurisdiction, in_force, overridden
from web import settings_file

FILE = "center.json"


@dataclass(frozen=True)
class Settings:
    """Settings of a center; every one has a default that works on a single machine."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8200
    database_url: str = ""  # empty: SQLite in the data folder; postgresql+psycopg://… for a city
    migrate_at_start: bool = True  # false: a start waits for `honorcard migrate` where there are steps to take
    files_dir: str = ""  # empty: the data folder; one that all processes of a city share
    object_store: str = ""  # empty: files in a folder; s3://bucket/prefix for an S3-compatible store
    object_endpoint: str = ""  # its address, when it is not AWS
    jurisdiction: str = "taipei"
    rules: Mapping[str, Any] = field(
        default_factory=dict
    )  # what differs from the jurisdiction: {"training_gate": "enforce"}
    card_prefix: str = "HTTPS://HC.TAIPEI/"
    allowed_hosts: tuple[str, ...] = ()
    secure_cookies: bool = False
    trusted_proxies: int = 0  # how many proxies of ours stand before it, each adding to X-Forwarded-For
    min_app: str = ""  # kiosks of an older version are asked to be updated; what they send is taken all the same
    min_app_from: str = (
        ""  # the first day (2027-01-01) on which older ones begin no new applications; empty: they always may
    )
    disk_photos_percent: float = 10.0  # with less of the disk free, no photographs are taken
    disk_ops_percent: float = 3.0  # with less of it free, no operations either
    disk_enough_bytes: int = 50_000_000_000  # with more than this free, its share does not matter
    signings_a_day: int = 300  # cards signed within 24 hours, at least; more only by the mean of the last ninety days
    photos_waiting: int = 5_000  # with more photographs waiting to be opened, no more are taken
    lease_minutes: float = 5.0  # so long a case is its reviewer's without a sign of attention
    # which roles sign in with a second factor (others may); officers and venues where the city wants it
    second_factor: tuple[str, ...] = ("first_reviewer", "second_reviewer", "administrator", "auditor")
    session_idle_minutes: float = 30.0  # so long without a page a session holds
    session_hours: float = 12.0  # and so long at most
    # so many days personal data are kept (center.retention); 0: for good
    keep_refused_days: int = 365  # applications refused or withdrawn: what they said, and their photographs
    keep_pages_days: int = 365  # photographs of the book and papers of an issued case
    keep_card_photos_days: int = 365  # portrait and sheet of a card that ran out or ended
    keep_people_days: int = 3650  # everything about a person, after the last card ran out
    keep_known_days: int = 3650  # people known by a list, an entry or an event alone, after the last word of them
    keep_letters_days: int = 180  # operations that were not taken, once they are settled
    keep_mail_days: int = 180  # mail that went out, was cancelled or was not sent; what nobody has seen to stays
    keep_exchange_days: int = 365  # lines of lists that were brought in; from then on they cannot be undone
    keep_registrations_days: int = 365  # units' registrations, once decided
    keep_sessions_days: int = 30  # sessions nobody used since, with forms kept for their owners
    keep_performances_days: int = 3650  # performance certificates: file and line of the register
    keep_looks_days: int = 1825  # in the audit: who saw what
    keep_doors_days: int = 730  # in the audit: who signed in and out
    keep_changes_days: int = 3650  # in the audit: who changed what
    small_number: int = 5  # fewer people than that are not told apart in statistics that leave
    log: str = "text"  # what is written to standard error: text, or json with a line for each request
    undo_s: float = 10.0  # so long a decision can be taken back before it takes effect; 0: at once

    center_url: str = ""  # where people open this center, for the links in letters; empty: the host of card_prefix
    smtp_host: str = ""  # the mail server; empty: no mail is sent
    smtp_port: int = 587
    smtp_security: str = "starttls"  # or tls from the first byte; none only for a server on this machine
    smtp_user: str = ""  # empty: no sign-in
    smtp_password_file: str = ""  # its first line
    smtp_ca_file: str = ""  # certificates to trust instead of the system's
    mail_from: str = ""  # 志願服務榮譽卡 <honor-card@example.gov.tw>
    mail_card: str = "link"  # a new card's sheet: link (behind the sign-in), attachment, or none for no letter at all
    mail_days: int = 4  # so long a letter is tried before the administrator has to see to it

    def rules_on(self, day: date) -> Jurisdiction:
        """The rules that an application of that day is judged by. ProblemError `jurisdiction_unknown`,
        `rules_setting_wrong`.
        """
        return overridden(in_force(self.jurisdiction, day), self.rules)

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'center.db'}"

    @property
    def keys_dir(self) -> Path:
        """Issuer's keys (root, card, pack, sealing) and the server's own secrets, mode 0700."""
        return self.data_dir / "keys"

    @property
    def files(self) -> Path:
        """Where files lie that every process of this center must see."""
        return Path(self.files_dir) if self.files_dir else self.data_dir

    @property
    def blobs_dir(self) -> Path:
        """Sealed photographs as received, by content address; below it, uploads under way."""
        return self.files / "blobs"

    @property
    def photos_dir(self) -> Path:
        """Opened and checked photographs, by content address."""
        return self.files / "photos"

    @property
    def pack_dir(self) -> Path:
        """The published verification pack."""
        return self.files / "pack"


def load(data_dir: Path) -> Settings:
    """The settings of a data folder; defaults where the file says nothing."""
    return settings_file.load(Settings, data_dir, FILE)


def save(settings: Settings) -> None:
    """Writes the settings to their folder (whole file or nothing)."""
    settings_file.save(settings, settings.data_dir, FILE)
