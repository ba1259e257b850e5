"""Export answers as tables, citations, reports and evidence files."""
