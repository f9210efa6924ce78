"""What the calls answer; `data/routes.yaml` says which call is answered by what, and its page."""
