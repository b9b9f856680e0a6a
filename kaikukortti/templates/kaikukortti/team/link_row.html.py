XXXX
  XXX XXXXXXXXXXXXXXXXX
  XXXX
    BB BBBBBBBBBBBB
       gettext(u'a new password') 
    BBBB
       gettext(u'coming in for the first time') 
    BBBBB
  XXXXX
  XXXXFFFFFFFFFFFFXXXXX
  XXXX
    XXXXXXX XXXXXXXXXXXXX
            XXXXXXXXXXXXBBB BBBBBBBBBBBBBBBB BBBBBBBB BBBBBBBX
            XXXXXXXXXXXXXXXXXXX
            XXXXXXXXXXXX gettext(u'Take the link back') X XX gettext(u'Take the link back') XXXXXXXXX
  XXXXX
XXXXX
