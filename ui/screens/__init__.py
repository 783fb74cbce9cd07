"""One module per page; the entry file routes to them."""
