"""The photographs of an application: taken, looked at, corrected by finger, kept; retaken, moved, removed.

One camera page for every place, one stage to adjust a photo on, one page that shows the result at full size. What a
picture is worth is scanner's judgement; which questions come before and after is kiosk.asking.progress'.
"""

from kiosk.capture import cropping, looking, ordering, taking, turning
from kiosk.capture.shared import bp

__all__ = ["bp", "cropping", "looking", "ordering", "taking", "turning"]
