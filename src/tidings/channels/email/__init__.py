"""Mail: composed here, handed to a submission server (SMTP), or kept on disk while there is none."""
