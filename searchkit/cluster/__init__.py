"""Several machines: PostgreSQL, OpenSearch and workers, loaded by name where an archive is shared."""
