"""Who may read what: keys and their rotation, the signature, the vault, the audit log, the rights of files, what is published.

- `secret_files`  secrets from the environment, else from files that only their owner can read; `file_rights`: the other files
- `keys`, `key_ring`, `key_policy`, `rotation`  the key of content ids; the keys of identity hashes, and how these are rotated
- `signing`       the installation's Ed25519 signature
- `sealing`, `vault`  values encrypted for their place, and the optional store of them
- `audit_log`     what was erased, rotated and read, hash-chained
- `publication`   which text columns analysts get, and in which file
"""
