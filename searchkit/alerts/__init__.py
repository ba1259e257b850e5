"""Saved searches, and alerts: saved searches that tell what is new since they were last asked.

takes:    the files in the archive's folder `saved/`; an open archive; the time
gives:    queries by name for `saved:name`; a run: what each alert has found, sent as one digest to each sink
does not: fetch, index; read queries in another way than `searchkit query` does
traps:    what was found once is never told again, whatever becomes of its record (store/alerts.py); what is found is
          committed before it is sent, and a sink that failed is tried again by the next run
"""
