"""The index: finds, ranks and counts documents and statements. Importing it imports no engine; see `open_index`."""
