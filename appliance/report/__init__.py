"""Reports from the ledger: calls, queues and agents of a period, for people, spreadsheets and programs."""
