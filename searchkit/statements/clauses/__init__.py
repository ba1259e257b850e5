"""Read German and French: the reports of a sentence, by its constituents, and names."""
