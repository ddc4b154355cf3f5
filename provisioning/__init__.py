"""Provisioning: a site as data, and the phones on its desks. The site description lives in ``appliance.store.site``."""
