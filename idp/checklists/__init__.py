"""What a relying service did, judged: the integration checklist (docs/testing/recorder.md).

Rules are pure functions over the exchanges that the recorder of a development server kept.
"""
