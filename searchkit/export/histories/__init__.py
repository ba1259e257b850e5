"""The histories of statements as records: what changed, who else printed it, who denied it, who is silent."""
