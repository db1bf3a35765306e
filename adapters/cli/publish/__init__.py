"""Commands that pass events on: relay, subscribers, feed, webhooks."""
