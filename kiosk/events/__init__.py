"""Events and trainings on a tablet: made here or heard of, people checked in and out by card, slip, number or list, and the end.

Everything is decided here and now; what it means for a person's record is the center's to work out. What is not here: rows of
service and who a card belongs to (center.events).
"""

from kiosk.events import checking, listing, making
from kiosk.events.shared import bp

__all__ = ["bp", "checking", "listing", "making"]
