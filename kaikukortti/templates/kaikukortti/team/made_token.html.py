BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'The new token') 
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'The new token') XXXXX
    XX XXXXXXXXXXXXX X XXXX
    XX XXXXXXXXXXX XXXXXXXXXX
    XXX gettext(u'The token is shown only this once. Copy it now; if it gets lost, revoke it and make a new one.') XXXX
    XXX gettext(u'It goes into the header of every call:') XXXX
    XX XXXXXXXXXXX XXXXXXXXXXXXXXXXXXXX XXXXXX XXXXX
    XX XXXXXXXXXXXXXXXX
      XX XXXXXXXXXXXXX XXXXXXX XXXXXXBBB BBBBBBBBB BBBBBBBBXX gettext(u'Back to the team') XXXX
    XXXX
  XXXXXX
BBBBBBBB BBBB
