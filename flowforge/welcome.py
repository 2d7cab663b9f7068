"""What is said once, at the first start."""

from django.conf import settings

from apps.operations.demo import Access

WELCOME = """
Sign in as   {access.email}
password     {access.password}
API key      {access.api_key}
These are shown this once. manage.py changepassword and create_api_key make others.

Start the demo workflow "GitHub events", with any JSON:
  echo '{{"action": "opened", "sender": {{"login": "ada"}}}}' > payload.json
  curl -X POST -H 'Content-Type: application/json' --data-binary @payload.json {url}/hooks/demo
It answers the id of a run. Watch it live, or again from the start:
  RUN=...
  curl -N -H "Authorization: Bearer {access.api_key}" {url}/api/v1/runs/$RUN/events
"Parcels, one by one" is started by hand: "Run now" on its page.
"""


def welcome(access: Access) -> str:
    """The ways in, and lines to paste."""
    return WELCOME.format(access=access, url=settings.PUBLIC_URL)
