BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u"The organisation's sign-in did not lead here") 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u"The organisation's sign-in did not lead here") XXXXX
    XX XXXXXXXXXXXXX
       gettext(u'Signing in through %(name)s was cancelled, took longer than ten minutes, or %(name)s could not be reached. Nothing has changed.') 
        SSSSSSS SS SSSSSSS SSSSSSSS SSS SSSSSSSSSS SSSS SSSSSS SSSS SSS SSSSSSSS SS SSSSSSSS SSSSS SSS SS SSSSSSSS SSSSSSS SSS SSSSSSSS
      
    XXXX
    XXX gettext(u"Try once more. If it happens again, tell the people who look after your organisation's sign-in.") XXXX
    XXX
      XX XXXXXXXXXXXXX XXXXXXX XXXXXXBBB BBBBBBBBBXX gettext(u'To the sign-in page') XXXX
    XXXX
  XXXXXX
BBBBBBBB BBBB
