"""Proof that nothing was missed: what is published is looked at by scanners that are not ours, and by people.

The scanners are adapters (`goldworks.adapters.second_scanner`); `texts` says what is published, `triage` what is accepted.
"""
