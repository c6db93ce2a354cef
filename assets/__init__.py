"""The graph: one module per stage. An asset reads, makes one call into `goldworks`, and says what came of it."""
