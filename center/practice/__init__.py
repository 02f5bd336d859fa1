"""What practice rooms tell: how clear a training was, and where not. Nothing else of a practice room ever comes here."""
