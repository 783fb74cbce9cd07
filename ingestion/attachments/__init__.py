"""The text of attached files: read in a child process, stored beside the mail, off unless a workspace turns it on (S5)."""
