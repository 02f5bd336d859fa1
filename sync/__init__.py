"""The agreement between a tablet and the center (sync.md): wire types, outbox, push, uploads, pull, sealing, device keys, time."""
