"""Pure builders: domain objects in, Slack messages and views out."""
