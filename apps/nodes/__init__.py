"""The node library: one file a node type in `library/`, and what a node may use. No Django."""
