"""Load: many calls for a long time, and what the processes hold on to."""
