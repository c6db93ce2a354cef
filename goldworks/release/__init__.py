"""Deciding about releases: gate policies, verdicts, waivers and sign-offs, risks. The numbers come from `evaluation`."""
