"""The Slack face: `/csm` commands, draft cards with a confirmed send, and linking Slack users to app users."""
