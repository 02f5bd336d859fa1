"""Who works here, which tablets there are, what they sent and what goes back to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

from center.store.tables.base import BigId, metadata, only, photo_columns

# --- people who work here, and for whom ---

unit = Table(
    "unit", metadata,
    Column("unit_id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("code", String(32), nullable=False, unique=True),
    Column("district", Text, nullable=False, server_default=""),  # 行政區 it is in; empty: not said
    Column("mail", Text),  # the unit's own box, if it has one
)  # fmt: skip

account = Table(
    "account", metadata,
    Column("account_id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),  # sign-in name
    Column("person", Text, nullable=False),  # shown on screen
    Column("role", String(32), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("password_hash", Text, nullable=False),
    Column("active", Integer, nullable=False, server_default="1"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("locked_until_ms", BigInteger),
    Column("must_change", Integer, nullable=False, server_default="0"),  # the password was set by somebody else
    Column("totp_box", LargeBinary),  # the second factor's secret, sealed; NULL: none
    Column("totp_new_box", LargeBinary),  # the one that is being set up
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # the last step that was accepted
    Column("totp_since_ms", BigInteger),
    Column("factor_failed", Integer, nullable=False, server_default="0"),
    Column("factor_locked_until_ms", BigInteger),
    Column("mail", Text),  # where the person is written to
    Column("venue_code", String(32)),  # of a venue's account: the place it is of
    CheckConstraint(
        "role IN ('unit_officer', 'first_reviewer', 'second_reviewer', 'administrator', 'auditor', 'venue')", name="role"
    ),
)  # fmt: skip

# --- tablets ---

enrol_code = Table(
    "enrol_code", metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("site", Text, nullable=False),
    Column("profile", String(16), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("used_by", String(36)),
    Column("name", String(8)),  # the public characters of the code; NULL: given out before codes had a name
    Column("venue_code", String(32)),  # the place at whose gate the tablet will stand
)  # fmt: skip

device = Table(
    "device", metadata,
    Column("device_id", String(36), primary_key=True),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("name", Text, nullable=False),
    Column("profile", String(16), nullable=False),
    Column("sign_key", Text, nullable=False),  # P-256 public key, PEM
    Column("seal_key", LargeBinary, nullable=False),  # X25519 public key, raw
    Column("enrolled_ms", BigInteger, nullable=False),
    Column("disabled_ms", BigInteger),
    Column("seen_ms", BigInteger),
    Column("dev_epoch", String(36)),
    Column("high_seq", BigInteger, nullable=False, server_default="0"),
    Column("contiguous", BigInteger, nullable=False, server_default="0"),
    Column("alarm", Text),
    Column("venue_code", String(32)),  # the place at whose gate it stands
)  # fmt: skip

# a call for help from a tablet's screen, for the tablets of the same unit; nothing about whoever called
help_call = Table(
    "help_call", metadata,
    Column("call_id", String(36), primary_key=True),
    Column("device_id", String(36), ForeignKey("device.device_id"), nullable=False),
    Column("number", Integer, nullable=False),  # what stands on the caller's screen
    Column("state", String(8), nullable=False),
    Column("taken_by", String(36), ForeignKey("device.device_id")),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("state IN ('waiting', 'taken', 'over')", name="state"),
)  # fmt: skip
Index("ix_help_call_state", help_call.c.state, help_call.c.at_ms)

# birth dates typed to a card's code since `since_ms`, before they are looked at
card_try = Table(
    "card_try", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tries", Integer, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)  # fmt: skip

# --- what the tablets sent ---

dedup = Table(
    "dedup", metadata,
    Column("device_id", String(36), primary_key=True),
    Column("dev_epoch", String(36), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("op_id", String(36), nullable=False, unique=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("result", Text, nullable=False),  # JSON of sync.wire.OpResult
    Column("at_ms", BigInteger, nullable=False),
)  # fmt: skip

application = Table(
    "application", metadata,
    Column("application_id", String(36), primary_key=True),
    Column("receipt", String(16), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("device_id", String(36), ForeignKey("device.device_id")),
    Column("idbx", LargeBinary, nullable=False),  # HMAC of the normalised identity number (sync.md B.1)
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # folded, for comparison
    Column("body", Text, nullable=False),  # JSON of sync.wire.ApplicationBody as last accepted
    Column("verdict", Text, nullable=False),  # JSON, computed here from the body by the rule of submitted_on
    Column("outcome", String(16), nullable=False),
    Column("flags", Text, nullable=False, server_default="[]"),  # JSON list: possible_duplicate, clock_doubt, verdict_differs …
    Column("submitted_on", Date, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("first_reviewer", String(36), ForeignKey("account.account_id")),
    Column("first_ms", BigInteger),
    Column("second_reviewer", String(36), ForeignKey("account.account_id")),
    Column("second_ms", BigInteger),
    Column("card_seq", BigInteger),  # of a reissue, correction or reprint: the card it is about, when that is one of ours
)  # fmt: skip
Index("ix_application_card", application.c.card_seq)
# one index for the desk: the order of a queue, its filters and their counts are read from it alone
Index(
    "ix_application_desk", application.c.state, application.c.received_ms, application.c.application_id,
    application.c.unit_id, application.c.kind, application.c.flags,
)  # fmt: skip
Index("ix_application_idbx", application.c.idbx)
Index("ix_application_receipt", application.c.receipt)
Index("ix_application_unit", application.c.unit_id, application.c.idbx)
Index("ix_application_received", application.c.received_ms, application.c.application_id)
Index(
    "ix_application_of_unit",
    application.c.unit_id,
    application.c.received_ms,
    application.c.application_id,
    application.c.state,
)

application_photo = Table(
    "application_photo", metadata,
    Column("application_id", String(36), ForeignKey("application.application_id"), primary_key=True),
    *photo_columns(),
)  # fmt: skip
Index("ix_application_photo_sealed", application_photo.c.sealed_sha256)
Index(
    "ix_application_photo_to_open", application_photo.c.application_id,
    **only("state = 'stored'"),
)  # fmt: skip

# which tablet has named which sealed file in an accepted operation: it may send that file, and ask about it (sync.md B.4)
blob_ref = Table(
    "blob_ref", metadata,
    Column("device_id", String(36), ForeignKey("device.device_id"), primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
)  # fmt: skip

history = Table(
    "history", metadata,
    Column("history_id", BigId, primary_key=True, autoincrement=True),
    Column("application_id", String(36), ForeignKey("application.application_id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),  # account or device id, or 'center'
    Column("move", String(32), nullable=False),  # submitted, completed, approved, returned, amended, refused, issued, printed …
    Column("reasons", Text, nullable=False, server_default="[]"),  # JSON list of reason codes
    Column("text", Text, nullable=False, server_default=""),
    Column("rev", Integer, nullable=False),
    Column("for_unit", String(36)),  # of an officer: the unit acted for
)  # fmt: skip
Index("ix_history_application", history.c.application_id, history.c.history_id)

blob = Table(
    "blob", metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("stored_ms", BigInteger, nullable=False),
)  # fmt: skip

upload = Table(
    "upload", metadata,
    Column("upload_id", String(36), primary_key=True),
    Column("device_id", String(36), ForeignKey("device.device_id"), nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    UniqueConstraint("device_id", "sha256"),
)  # fmt: skip

# --- what goes back: in commit order (sync.md B.5) ---

feed = Table(
    "feed", metadata,
    Column("lsn", BigId, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("device_id", String(36)),  # NULL: to every device
    Column("body", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ix_feed_device", feed.c.device_id, feed.c.lsn)
