"""A stateful local Gmail and Google OAuth over HTTP."""
