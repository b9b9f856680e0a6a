BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'New second factor') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX
       gettext(u'New second factor for %(name)s?') 
        SSS SSSSSS SSSSSS SSS SSSSSSSSS
      
    XXXXX
    XX XXXXXXXXXXXXX
       gettext(u'The app, the passkeys and the recovery codes of %(name)s then open nothing any more. %(name)s sets up new ones with the next sign-in, and is told that you did this.') 
        SSS SSSS SSS SSSSSSSS SSS SSS SSSSSSSS SSSSS SS SSSSSSSS SSSS SSSS SSSSSSS SSS SSSSS SSSSSSSS SSSS SS SSS SSSS SSSS SSS SSSS SSSSSSSS SSS SS SSSS SSSS SSS SSS SSSSS
      
    XXXX
    XXX gettext(u'Make sure first that it is them who ask: face to face, or by a number you know.') XXXX
    XXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXX
      BBBBBBBBBB
      XXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXX XXXXXXXXX gettext(u'Take the old one away') XXXXXXXXX
      XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBB BBBBBBBBBBBBBBBBBBBXX gettext(u'Back to the team') XXXX
    XXXXXXX
  XXXXXX
BBBBBBBB BBBB
