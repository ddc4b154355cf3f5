"""Tests of the pjsua2 wheel. An Endpoint is one per process, so each test runs a script of this package on its own."""
