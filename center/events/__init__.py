"""Events and trainings at the center: what tablets tell of them (arriving), who came (resolving), what comes of it (settling), and
the pages where an officer looks and mends (organising).
"""
