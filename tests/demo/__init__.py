"""``make demo``: one call through the whole appliance, measured."""
