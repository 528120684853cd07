"""One file a revision, the oldest first; `uptimed.storage.schema.REVISIONS` lists them."""
