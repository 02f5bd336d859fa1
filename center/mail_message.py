"""A letter as a message (RFC 5322): plain text and the same as simple HTML, Chinese first; sent twice it is byte by byte the same.

What is not here: what it says (honorcard.mails), sending it (mail_line).
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from html import escape
from urllib.parse import urlsplit

from center.settings import Settings
from center.store.mail import Letter
from honorcard import mails
from honorcard.mails import Mail

_FOOT_ZH = "這封信由榮譽卡審核系統自動寄出，請不要回信。"
_FOOT_EN = "This letter was sent automatically by the honor card center. Please do not reply."


def home(settings: Settings) -> str:
    """The center's address as people open it, without the slash at its end."""
    if settings.center_url:
        return settings.center_url.rstrip("/")
    return f"https://{urlsplit(settings.card_prefix).netloc.lower()}"


def sender(settings: Settings) -> Address:
    """From whom letters come. ValueError when the setting is no address that every server takes."""
    name, spec = parseaddr(settings.mail_from)
    if not mails.address_is_right(spec) or mails.needs_utf8(spec):
        raise ValueError("mail_from is no address")
    return Address(display_name=name, addr_spec=mails.on_the_wire(spec))


def message_id(settings: Settings, letter: Letter) -> str:
    """The same for one row whoever sends it, however often: by it a letter that came twice is known."""
    return f"<{letter.mail_id}@{sender(settings).domain}>"


def write(settings: Settings, letter: Letter, sheet: bytes | None = None) -> EmailMessage:
    """The message of a letter. sheet: the PDF to go with it. KeyError for a kind this version does not know."""
    said = mails.compose(letter.kind, {**letter.facts, "attached": sheet is not None})
    link = f"{home(settings)}{said.path}" if said.path else ""
    # only what is addressed beyond ASCII has headers beyond it (RFC 6532): every relay can carry the others
    message = EmailMessage(policy=SMTPUTF8 if mails.needs_utf8(letter.address) else SMTP)
    message["From"] = sender(settings)
    local, _, host = mails.on_the_wire(letter.address).rpartition("@")
    message["To"] = Address(username=local, domain=host)  # whole, Python's own would refuse what RFC 6532 allows
    message["Subject"] = f"{said.subject_zh} {said.subject_en}"
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.at_ms / 1000, UTC))
    message["Message-ID"] = message_id(settings, letter)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(_plain(said, link), cte="base64")
    message.add_alternative(_html(said, link), subtype="html", cte="base64")
    if sheet is not None:
        name = f"{letter.facts['number']}.pdf"
        message.add_attachment(sheet, maintype="application", subtype="pdf", filename=name)
    for depth, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"={letter.mail_id}.{depth}")
    return message


def _plain(said: Mail, link: str) -> str:
    zh = [*said.zh, *([f"{said.do_zh}：{link}"] if link else []), _FOOT_ZH]
    en = [*said.en, *([f"{said.do_en}: {link}"] if link else []), _FOOT_EN]
    return "\n".join([*zh, "", "--------", "", *en, ""])


def _html(said: Mail, link: str) -> str:
    def half(language: str, sentences: tuple[str, ...], do: str, foot: str) -> str:
        inside = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
        if link:
            inside += f'<p><a href="{escape(link)}">{escape(do)}</a></p>'
        return f'<div lang="{language}">{inside}<p><small>{escape(foot)}</small></p></div>'

    zh = half("zh-Hant-TW", said.zh, said.do_zh, _FOOT_ZH)
    en = half("en", said.en, said.do_en, _FOOT_EN)
    head = f'<meta charset="utf-8"><title>{escape(said.subject_zh)}</title>'
    return f'<!doctype html><html lang="zh-Hant-TW"><head>{head}</head><body>{zh}<hr>{en}</body></html>'
