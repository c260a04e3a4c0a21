"""A page that ages photographs, and the local server behind it."""
