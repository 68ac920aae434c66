"""What offices send back: returned lists are read, answers kept in the ledger, and counted: by rule, in the report."""
