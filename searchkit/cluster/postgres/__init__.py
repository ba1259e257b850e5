"""The store in PostgreSQL, for archives that several machines share. Needs the extra `postgres`.

    address.py      read and check postgresql://...
    errors.py       PostgreSQL's errors as ours
    tables.py       the tables and statements of the store, as PostgreSQL reads them
    connection.py   a connection to one archive
    database.py     the archive in a schema of a database: create it, open it, lock it
    copying.py      copy an archive between SQLite and PostgreSQL, and check it

Only `database.py` and what it needs loads psycopg.
"""
