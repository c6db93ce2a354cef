"""The sample company: its assistants, knowledge base, tools and logs, and the model that answers live."""
