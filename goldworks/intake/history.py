"""Messages of a conversation as a tree, in which a node is a message and all before it.

A message's id is a keyed digest of its parent's id and its own content. The same history therefore gives the same ids,
whatever record brings it and in whatever order; a regenerated answer or an edited question becomes a branch; and a
history that repeats what is stored adds nothing. System messages stand apart, so that a new prompt version does not make
a new history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from goldworks.digests import keyed_digest


class Node(msgspec.Struct, frozen=True):
    """A message's place. `index` counts the messages before it; a system message has index 0 and no parent."""

    message_id: str
    parent_id: str | None
    index: int
    content_hash: str


@dataclass(slots=True)
class Conversation:
    """The tree of one conversation. Nodes that earlier days stored are given with `remember`."""

    conversation_id: str
    key: bytes
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    _by_content: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def remember(self, node: Node) -> None:
        """Add a node."""
        if node.message_id not in self.nodes:
            self.nodes[node.message_id] = node
            self._by_content.setdefault(node.content_hash, []).append(node.message_id)

    def system(self, content_hash: str) -> Node:
        """The node of a system message."""
        return Node(keyed_digest(self.key, "system", self.conversation_id, content_hash), None, 0, content_hash)

    def place(self, contents: Sequence[str]) -> list[Node]:
        """Nodes of a history given as content hashes, oldest first. Does not remember them.

        A history whose beginning was cut off (a sliding window) continues the stored path that ends with its beginning.
        """
        parent, index = self._anchor(contents)
        nodes: list[Node] = []
        for content_hash in contents:
            message_id = self._id(parent, content_hash)
            nodes.append(Node(message_id, parent, index, content_hash))
            parent, index = message_id, index + 1
        return nodes

    def _id(self, parent: str | None, content_hash: str) -> str:
        return keyed_digest(self.key, "node", self.conversation_id, parent or "", content_hash)

    def _anchor(self, contents: Sequence[str]) -> tuple[str | None, int]:
        """Parent and index at which the history starts: the root, unless it starts inside a stored path."""
        if not contents or not self.nodes or self._id(None, contents[0]) in self.nodes:
            return None, 0
        best: tuple[int, int, str | None] = (0, 0, None)
        for message_id in self._by_content.get(contents[0], ()):
            start = self.nodes[message_id]
            if start.parent_id is None:
                continue
            length = self._matching(start.parent_id, contents)
            best = max(best, (length, start.index, start.parent_id), key=lambda found: found[:2])
        length, index, parent = best
        return (parent, index) if length >= min(2, len(contents)) else (None, 0)

    def _matching(self, parent: str | None, contents: Sequence[str]) -> int:
        length = 0
        for content_hash in contents:
            parent = self._id(parent, content_hash)
            if parent not in self.nodes:
                break
            length += 1
        return length
