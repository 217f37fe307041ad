"""What happens to finished reports: found, compared, signed, gathered into a site, published, sent. Nothing here runs a notebook."""
