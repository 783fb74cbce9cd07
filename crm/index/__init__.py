"""The search index: embeddings and the lexical index, both rebuilt from the rows."""
