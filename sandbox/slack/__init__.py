"""A local Slack: Web API, response URLs and Socket Mode, `python -m sandbox slack`."""
