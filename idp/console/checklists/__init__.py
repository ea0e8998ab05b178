"""The integration checklists of services, for people; in `--dev` alone."""
