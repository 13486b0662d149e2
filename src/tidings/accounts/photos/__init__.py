"""Pictures that people upload: looked at before they are decoded, always encoded anew, kept in the database."""
