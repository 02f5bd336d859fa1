"""Sample data for `honorcard demo`: invented people, their drawn portraits and record books, and what seeds a
center.

Nothing here is used by a center in service. Nobody was photographed; everybody is invented.
"""
