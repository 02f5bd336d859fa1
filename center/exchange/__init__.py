"""Lists brought in and taken out by the city: import with a dry run, export for another system, the log of both (R60).

fields, headings, reading: what a list says; comparing: what it would change; running: the work off the request; importing,
exporting: the pages. Rows stand in center.store.exchange and center.store.exchange_rows. What is not here: the files themselves
(web.tables, web.tables_out).
"""
