// This target is its header.
