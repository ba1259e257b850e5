"""Read a sentence once: its tokens with classes, its phrases and verb groups, and the patterns that report."""
