"""The practice room's pages: a seat for each phone, the tasks, the trainer's screen, the record books to photograph, and what each
found unclear at the end.
"""

from kiosk.training import doing, ending, seating, teaching
from kiosk.training.shared import bp

__all__ = ["bp", "doing", "ending", "seating", "teaching"]
