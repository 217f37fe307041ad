"""From a request to finished files: contract, plan, execute, verify, publish."""
