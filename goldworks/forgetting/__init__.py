"""Forgetting: a conversation, a user or a value leaves every place that holds it, and a value that is recognised late leaves
every place that was made before. Both take one path: start at `carrying_out`; `goldworks.orders` says what an order is.
"""
