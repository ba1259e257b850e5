"""What leaves the archive: tables, citations, reports and evidence files."""
