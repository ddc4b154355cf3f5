"""What of this machine is ready, and what to do about what isn't."""
