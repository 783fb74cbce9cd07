"""Mail out: drafts, human approval, and the only sender."""
