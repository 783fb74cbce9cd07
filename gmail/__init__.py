"""The boundary to Gmail: OAuth, the REST gateway, reading and composing mail."""
