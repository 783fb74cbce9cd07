"""A thousand ways to disturb a send: the world, the processes, and the kinds of fault."""
