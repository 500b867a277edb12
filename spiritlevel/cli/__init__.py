"""The command line; nothing here computes, and nothing heavy is imported before a command needs it."""
