"""Lost, damaged and wrong cards (R38, R39, A7, A24, C42, C43), and the grounds of revocation (A22)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import roles
from honorcard.card import cases
from honorcard.card.cases import CAUSES, CORRECTIONS, REVOCATIONS, HeldCard
from honorcard.problems import ProblemError

ON = date(2026, 11, 21)
OURS = HeldCard("live", date(2028, 3, 1))
PAPER = replace(OURS, in_system=False)


def refused(card: HeldCard, cause: str = "lost", on: date = ON) -> str:
    with pytest.raises(ProblemError) as caught:
        cases.decide(cause, card, on)
    return caught.value.code


@pytest.mark.parametrize("cause", ["lost", "damaged"])
def test_c42_a_lost_card_of_ours_is_printed_again_without_form_or_review(cause: str) -> None:
    decision = cases.decide(cause, OURS, ON)
    assert (decision.kind, decision.needs, decision.reviewed, decision.old_ends) == ("reprint", (), False, False)
    assert {"number", "valid_until", "eligibility", "secret"} <= decision.keeps
    assert not decision.changes
    for role in ("volunteer", "unit_officer", "first_reviewer"):
        assert roles.may(role, decision.right)


@pytest.mark.parametrize("cause", sorted(CORRECTIONS))
def test_c43_a_correction_keeps_number_and_validity_and_ends_the_old_qr(cause: str) -> None:
    decision = cases.decide(cause, OURS, ON)
    assert (decision.kind, decision.reviewed, decision.old_ends) == ("correction", True, True)
    assert {"number", "valid_until", "eligibility"} == decision.keeps
    assert {"signature", "secret", "face"} == decision.changes
    assert decision.needs[:3] == ("form", "headshot", "cover")
    assert ("document" in decision.needs) == (cause != "photo")


@pytest.mark.parametrize("cause", ["lost", "damaged"])
def test_a_card_of_elsewhere_is_reissued_with_form_photo_and_cover_and_lives_no_longer(cause: str) -> None:
    decision = cases.decide(cause, PAPER, ON)
    assert (decision.kind, decision.needs) == ("reissue", ("form", "headshot", "cover"))
    assert "valid_until" in decision.keeps
    assert "number" in decision.changes
    assert decision.reviewed and not decision.old_ends
    assert roles.may("unit_officer", decision.right)
    assert not roles.may("volunteer", decision.right)


def test_what_is_still_to_be_handed_in_is_named_in_the_order_of_the_form() -> None:
    decision = cases.decide("name", OURS, ON)
    assert cases.missing(decision, frozenset({"headshot"})) == ("form", "cover", "document")
    assert cases.missing(decision, frozenset(decision.needs)) == ()


def test_after_its_last_day_a_card_is_renewed_instead() -> None:
    assert cases.decide("lost", OURS, OURS.valid_until).kind == "reprint"
    assert refused(OURS, on=OURS.valid_until + timedelta(days=1)) == "card_over"


@pytest.mark.parametrize(
    ("status", "code"),
    [("revoked", "card_ended_already"), ("replaced", "card_ended_already"), ("suspended", "card_suspended")],
)
@pytest.mark.parametrize("cause", CAUSES)
def test_a_card_that_is_not_live_is_not_made_again(cause: str, status: str, code: str) -> None:
    assert refused(replace(OURS, status=status), cause) == code
    assert refused(replace(OURS, status=status), cause, OURS.valid_until + timedelta(days=9)) == code


@given(st.sampled_from(CAUSES), st.booleans(), st.integers(0, 400))
def test_whatever_the_case_nothing_is_lost_nobody_gains_time_and_what_ends_is_signed_anew(cause, ours, days) -> None:
    decision = cases.decide(cause, replace(OURS, in_system=ours), OURS.valid_until - timedelta(days=days))
    assert decision.keeps | decision.changes == set(cases.Part.__args__)
    assert not decision.keeps & decision.changes
    assert "valid_until" in decision.keeps
    assert not decision.old_ends or {"signature", "secret"} <= decision.changes


def test_everything_has_its_name_in_both_languages() -> None:
    for code in (*CAUSES, "reprint", "reissue", "correction", "form", "headshot", "cover", "document"):
        assert cases.name(code, "zh") and cases.name(code, "en").isascii()
    assert cases.name("reissue", "zh") == "補發"


def test_a_revocation_has_a_ground_and_other_needs_words() -> None:
    assert cases.revocation("misused").rule == "A22"
    assert cases.revocation("other", "法院來函").code == "other"
    for code, text in (("", ""), ("nonsense", "x"), ("other", "  ")):
        with pytest.raises(ProblemError) as caught:
            cases.revocation(code, text)
        assert caught.value.code == "revoke_reason_missing"
    assert len({entry.code for entry in REVOCATIONS}) == len(REVOCATIONS)
    assert all(entry.zh and entry.en.isascii() for entry in REVOCATIONS)


def test_the_reason_of_a_revocation_is_its_ground_and_what_was_written() -> None:
    assert cases.revocation_words("misused", " 友人持卡入園 ", "zh") == "轉借或冒用：友人持卡入園"
    assert cases.revocation_words("misused", "by a friend", "en") == "Lent or used by another person: by a friend"
    assert cases.revocation_words("deceased", "", "zh") == "持卡人過世"
    assert cases.revocation_words("other", "法院來函", "zh") == "法院來函"
    with pytest.raises(ProblemError):
        cases.revocation_words("other", "", "zh")
