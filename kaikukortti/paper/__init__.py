"""Floor 3½, paper: draws what the actions answered as tagged PDFs. It reads and writes nothing."""
