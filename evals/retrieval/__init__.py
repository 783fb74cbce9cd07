"""Finding the mail that is meant: paraphrases, the three languages, identifiers, filters."""
