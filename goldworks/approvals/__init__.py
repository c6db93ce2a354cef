"""Who decides and who approves what, and what has been approved as it stands.

- `policy`    `policies/release.yml`: how a verdict becomes a decision, who signs, who approves changes
- `register`  `approvals.yml`: the approved states, by digest, each signed
- `shipped`   the states that come with Goldworks and hold until another is approved
- `states`    digests of what is approved
- `standing`  which states stand by shipment and signature; approving one
- `remembering` what a home signed, so that an entry that is taken out is missed
- `lacking`   what an approval is wanted for and not there
"""
