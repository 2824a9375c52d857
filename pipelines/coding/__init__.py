"""Health codes in use: issued, shown, decoded by authorised terminals."""
