"""Calls every operation of the OpenAPI document with generated requests, against a running stack."""
