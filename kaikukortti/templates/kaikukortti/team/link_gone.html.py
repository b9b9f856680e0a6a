BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'This link does not work any more') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'This link does not work any more') XXXXX
     gettext(u'A link works once and for seven days, and it may have been taken back.') 
     gettext(u'Ask the contact person of your workplace for a new one.') 
    BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    XXX
      XX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBXX gettext(u'To the sign-in page') XXXX
    XXXX
  XXXXXX
BBBBBBBB BBBB
