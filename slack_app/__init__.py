"""The Slack face: `/csm` commands, draft cards with a confirmed send, and who is who."""
