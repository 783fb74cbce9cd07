"""What a mail says between the lines: language, tone, keywords, and whether a human wrote it."""
