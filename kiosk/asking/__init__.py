"""Everything the questions are made of but the views: reading fields, judging, photographs, progress, a returned case.

kiosk.apply asks the questions and kiosk.capture takes the photographs; both stand on this room and not on each other.
"""
