"""A new application, one question a page; each answer is kept as it is typed, so that a crash loses nothing (K1).

Every question: read the form, ask the rule, keep, then on to the next open one. Photographs are kiosk.capture's work,
what happens to a submitted application kiosk.submitting's.
"""

from kiosk.apply import again, answering, beginning, finishing, placing
from kiosk.apply.shared import bp

__all__ = ["again", "answering", "beginning", "bp", "finishing", "placing"]
