"""Expiry: what is older than `goldworks.retention` allows is deleted each day, unless a hold keeps it. Start at `enforcing`.

- `finding`    what is past its limit, and what of it a hold keeps
- `enforcing`  deleting that, through the places that forget
- `answers`    the texts of old answers
- `reporting`  what was deleted, or would be, for people to read
"""
