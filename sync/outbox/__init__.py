"""The outbox: an append-only log of sealed operations in the caller's database, beside the files they name (sync.md B.2).

Every function takes the database inside the caller's transaction, so that an operation is written together with the fact it
reports. By what it is about: the log (log), a row of it (rows), its name (life), what is kept (keeping), how far the center
counts it (counting), what is in it (looking), files (files), and what is remembered by name (meta).
"""

from sync.outbox import meta
from sync.outbox.counting import counted_over, offer_one, remember_over, settled_after, to_count_over
from sync.outbox.files import (
    Blob,
    add_blob,
    blob_addresses,
    blobs_left,
    forget_uploads,
    mend_blob,
    note_refused,
    note_upload,
    offered_blobs,
    quarantined_blobs,
    settle_blob,
    unsettled_blobs,
    waits,
)
from sync.outbox.keeping import awaits_durable, mark_durable, not_understood, offer_understood, release, reoffer
from sync.outbox.life import dev_epoch, has_parted, part, parted_for, told_parted
from sync.outbox.log import (
    MAX_BYTES,
    MAX_OPS,
    MAX_RETRIES,
    RETRY_CAP_MS,
    RETRY_FIRST_MS,
    adopt,
    decided,
    put,
    record,
    take,
)
from sync.outbox.looking import chain, damaged, kept, last_seq, quarantine_damaged, whole, whole_one

__all__ = [
    "MAX_BYTES",
    "MAX_OPS",
    "MAX_RETRIES",
    "RETRY_CAP_MS",
    "RETRY_FIRST_MS",
    "Blob",
    "add_blob",
    "adopt",
    "awaits_durable",
    "blob_addresses",
    "blobs_left",
    "chain",
    "counted_over",
    "damaged",
    "decided",
    "dev_epoch",
    "forget_uploads",
    "has_parted",
    "kept",
    "last_seq",
    "mark_durable",
    "mend_blob",
    "meta",
    "not_understood",
    "note_refused",
    "note_upload",
    "offer_one",
    "offer_understood",
    "offered_blobs",
    "part",
    "parted_for",
    "put",
    "quarantine_damaged",
    "quarantined_blobs",
    "record",
    "release",
    "remember_over",
    "reoffer",
    "settle_blob",
    "settled_after",
    "take",
    "to_count_over",
    "told_parted",
    "unsettled_blobs",
    "waits",
    "whole",
    "whole_one",
]
