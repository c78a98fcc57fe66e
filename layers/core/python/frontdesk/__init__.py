"""What two or more Frontdesk functions share."""
