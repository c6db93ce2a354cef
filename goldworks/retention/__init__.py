"""Retention: what is older than the policy allows is deleted each day, unless a hold keeps it. Start at `enforcing`.

- `policy`     limits by table and region, and legal holds
- `finding`    what is past its limit, and what of it a hold keeps
- `enforcing`  deleting that, through the places that forget
- `answers`    the texts of old answers
"""
