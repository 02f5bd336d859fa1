"""What both apps' pages share: page or fragment, content policy, languages, problems as pages, icons. No SQL, no rules."""
