"""The ground: customers, mail, timeline, signals, health and the search index."""
