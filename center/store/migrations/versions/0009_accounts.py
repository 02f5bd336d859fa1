"""accounts: second factors, sessions, several units for one person, registrations, what was done to an account"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("must_change", sa.Integer(), server_default="0", nullable=False),
        sa.Column("totp_box", sa.LargeBinary(), nullable=True),
        sa.Column("totp_new_box", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("totp_since_ms", sa.BigInteger(), nullable=True),
        sa.Column("factor_failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("factor_locked_until_ms", sa.BigInteger(), nullable=True),
    ):
        op.add_column("account", column)
    op.add_column("history", sa.Column("for_unit", sa.String(length=36), nullable=True))
    op.create_index("ix_application_received", "application", ["received_ms", "application_id"])
    op.create_index(
        "ix_application_of_unit", "application", ["unit_id", "received_ms", "application_id", "state"]
    )  # fmt: skip
    op.create_table(
        "account_unit",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_account_unit_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"], name=op.f("fk_account_unit_unit_id")),
        sa.PrimaryKeyConstraint("account_id", "unit_id", name=op.f("pk_account_unit")),
    )
    op.create_index("ix_account_unit_unit", "account_unit", ["unit_id"])
    op.execute(
        "INSERT INTO account_unit (account_id, unit_id) SELECT account_id, unit_id FROM account WHERE unit_id IS NOT NULL"
    )
    op.create_table(
        "account_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("stamp", sa.String(length=16), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_why", sa.String(length=16), server_default="", nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_account_session_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"], name=op.f("fk_account_session_unit_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_session")),
        sa.UniqueConstraint("session_id", name=op.f("uq_account_session_session_id")),
    )
    op.create_index("ix_account_session_account", "account_session", ["account_id", "seen_ms"])
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "registration",
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.String(length=32), nullable=False),
        sa.Column("district", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("mail", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("proof_hash", sa.LargeBinary(), nullable=True),
        sa.Column("proved_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'refused')", name=op.f("ck_registration_state")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.account_id"], name=op.f("fk_registration_decided_by")),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_state", "registration", ["state", "asked_ms"])
    op.create_table(
        "account_event",
        sa.Column(
            "event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_account_event_account_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_account_event")),
    )
    op.create_index("ix_account_event_account", "account_event", ["account_id", "event_id"])
