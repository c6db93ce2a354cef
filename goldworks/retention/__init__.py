"""Retention: how long what arrived may stay, and what a hold keeps. Deleting what is past its limit is in `goldworks.expiry`.

- `policy`   limits by table and region, and legal holds
- `holding`  whether a hold keeps something
- `gone`     which conversations were deleted for their age, so that no late file brings them back
- `kept`     what the intake asks of all this
"""
