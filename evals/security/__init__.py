"""The model belongs to an attacker who wants something: what reaches Gmail, a draft, or a face that loads."""
