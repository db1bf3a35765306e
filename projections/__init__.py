"""Read models: one module per question that a clerk or an auditor asks."""
