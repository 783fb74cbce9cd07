"""The mind: the graph, the prompts, the models, and the check that every quote stands where it says."""
