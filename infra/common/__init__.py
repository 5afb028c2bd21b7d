"""What the local platform and the AWS deploy share: reading the template, packaging, keys, the web upload."""
