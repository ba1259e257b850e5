"""The reading room: pages, data and feeds over an archive, in the browser.

`server` runs the site, `access` decides who may read and edit, `pool` answers requests in worker processes, `app` has
the routes. Nothing here imports the command line.
"""
