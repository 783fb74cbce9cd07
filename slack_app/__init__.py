"""The Slack face: `/csm` commands, draft cards with a confirmed send, and linking Slack to app users."""
