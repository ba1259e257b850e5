"""One module per measure. Each takes a Stage (stage.py) or a folder and returns figures as JSON values."""
