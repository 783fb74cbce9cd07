"""Mail in: connection, sync, association, analysis, indexing."""
