"""The oracle: an index that is obviously right, with which the engine is compared."""
