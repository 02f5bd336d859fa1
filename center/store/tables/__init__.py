"""The center's tables. One metadata for SQLite and PostgreSQL; the newest schema, of which Alembic's steps are the history."""

from __future__ import annotations

from center.store.tables.api import api_answer, api_key, api_use
from center.store.tables.audit import audit, audit_cut, audit_seen
from center.store.tables.base import metadata
from center.store.tables.cards import card, card_event, issue_log
from center.store.tables.deciding import application_body, dead_letter, proposal, proposal_photo, twin
from center.store.tables.desk import attention, lease, pending
from center.store.tables.exchange import (
    earlier_card,
    exchange_batch,
    exchange_columns,
    exchange_line,
    exchange_log,
    exchange_piece,
)
from center.store.tables.happenings import event, event_act
from center.store.tables.keeping import asked, backup, durable, meta
from center.store.tables.mail import mail
from center.store.tables.people_rows import (
    insurance,
    membership,
    name_part,
    number_part,
    performance,
    person_event,
    service_row,
    service_sum,
    training,
)
from center.store.tables.places import person, venue
from center.store.tables.practice import training_feedback
from center.store.tables.retention import retention_file, retention_run
from center.store.tables.signing_in import (
    account_event,
    account_session,
    account_unit,
    recovery_code,
    registration,
)
from center.store.tables.tablets import (
    account,
    application,
    application_photo,
    blob,
    blob_ref,
    card_try,
    dedup,
    device,
    enrol_code,
    feed,
    help_call,
    history,
    unit,
    upload,
)
from center.store.tables.tally import tally, tally_whole

__all__ = [
    "account",
    "account_event",
    "account_session",
    "account_unit",
    "api_answer",
    "api_key",
    "api_use",
    "application",
    "application_body",
    "application_photo",
    "asked",
    "attention",
    "audit",
    "audit_cut",
    "audit_seen",
    "backup",
    "blob",
    "blob_ref",
    "card",
    "card_event",
    "card_try",
    "dead_letter",
    "dedup",
    "device",
    "durable",
    "earlier_card",
    "enrol_code",
    "event",
    "event_act",
    "exchange_batch",
    "exchange_columns",
    "exchange_line",
    "exchange_log",
    "exchange_piece",
    "feed",
    "help_call",
    "history",
    "insurance",
    "issue_log",
    "lease",
    "mail",
    "membership",
    "meta",
    "metadata",
    "name_part",
    "number_part",
    "pending",
    "performance",
    "person",
    "person_event",
    "proposal",
    "proposal_photo",
    "recovery_code",
    "registration",
    "retention_file",
    "retention_run",
    "service_row",
    "service_sum",
    "tally",
    "tally_whole",
    "training",
    "training_feedback",
    "twin",
    "unit",
    "upload",
    "venue",
]
