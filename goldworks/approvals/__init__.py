"""Who decides and who approves what, and what has been approved as it stands.

- `policy`    `policies/release.yml`: how a verdict becomes a decision, who signs, who approves changes
- `register`  `approvals.yml`: the approved states, by digest
- `lacking`   what an approval is wanted for and not there
"""
