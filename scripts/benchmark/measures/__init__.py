"""One module a measure. Each takes a Stage (stage.py) or a folder, and gives figures as plain values for JSON."""
