"""The live page: what happens on the floor now, and what happened today."""
