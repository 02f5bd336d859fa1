"""The check of `honorcard doctor` about a host of phones: the certificate by which they reach it, and the authority behind that."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from commands.doctor_finding import Finding
from kiosk import local_ca
from kiosk.settings import FILE, Settings, load
from web.clock import system_now

THING, MEND = "certificate", "certificate"
SAID_BEFORE = timedelta(days=90)  # each phone has to be led through its settings again when the authority ends
AT_START = "start the kiosk: it makes a new one by itself"
TRUST_AGAIN = "each phone must then trust it, at /trust"


def is_host(data_dir: Path) -> bool:
    """Whether phones may come to the kiosk there, or could once."""
    return (data_dir / FILE).exists() and (load(data_dir).lan or load(data_dir).lan_keys.is_dir())


def certificate(data_dir: Path, at: datetime | None = None) -> Finding:
    """The worst that is to be said about authority and certificate, for the names and addresses this machine has."""
    from kiosk.doors import own_names

    settings = load(data_dir)
    return judge(settings, local_ca.standing(settings.lan_keys, own_names(settings)), at or system_now())


def judge(settings: Settings, found: local_ca.Standing, at: datetime) -> Finding:
    """The worst of what was found in the files."""
    files = [one for one in (local_ca.CA_FILE, local_ca.HOST_FILE) if (settings.lan_keys / one).exists()]
    if not files:
        return Finding(THING, "good", "none yet: the first start as a host makes it")
    return _authority(found, at) or _host(found, at) or _names(found) or _good(found)


def _authority(found: local_ca.Standing, at: datetime) -> Finding | None:
    if found.authority is None:
        put_back = (
            f"put keys/lan/{local_ca.CA_FILE} back from a copy; else the next start makes another, and {TRUST_AGAIN}"
        )
        return Finding(THING, "bad", "the authority behind it is gone or cannot be read", put_back)
    begins, ends = found.authority
    if at >= ends:
        return Finding(THING, "bad", f"its authority ended on {ends.date()}", f"{AT_START}; {TRUST_AGAIN}", mend=MEND)
    if at < begins:
        return Finding(
            THING, "bad", f"its authority begins on {begins.date()}: this machine's clock is behind", "set the clock"
        )
    if at >= ends - SAID_BEFORE:
        later = f"from then on there is another: keep a time free in which {TRUST_AGAIN}"
        return Finding(THING, "look", f"its authority ends on {ends.date()}", later)
    return None


def _host(found: local_ca.Standing, at: datetime) -> Finding | None:
    if found.host is None:
        return Finding(THING, "bad", "it is gone or cannot be read", AT_START, mend=MEND)
    if not found.chained:
        return Finding(THING, "bad", "it is not of the authority that phones trust", AT_START, mend=MEND)
    begins, ends = found.host
    if at >= ends:
        return Finding(THING, "bad", f"it ended on {ends.date()}: no phone comes in", AT_START, mend=MEND)
    if at < begins:
        return Finding(THING, "bad", f"it begins on {begins.date()}: this machine's clock is behind", "set the clock")
    if at >= ends - local_ca.RENEW_BEFORE:
        return Finding(THING, "look", f"it ends on {ends.date()}", AT_START, mend=MEND)
    return None


def _names(found: local_ca.Standing) -> Finding | None:
    if found.missing:
        lacks = f"it lacks {_list(found.missing)}: phones that come by it are warned"
        return Finding(THING, "look", lacks, "start the kiosk: it adds them by itself", mend=MEND)
    if found.left_out:
        private = "let phones come by a private address or a name under .local"
        anew = f"or remove the folder keys/lan: the next start makes an authority for it, and {TRUST_AGAIN}"
        return Finding(THING, "look", f"its authority may not certify {_list(found.left_out)}", f"{private}; {anew}")
    if found.gone:
        fixed = "print the codes for phones anew, and let the router give this machine always the same address"
        return Finding(THING, "look", f"this machine no longer has {_list(found.gone)}", fixed, mend=MEND)
    return None


def _good(found: local_ca.Standing) -> Finding:
    assert found.host and found.authority  # else it would have been said
    return Finding(THING, "good", f"until {found.host[1].date()}, its authority until {found.authority[1].date()}")


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
