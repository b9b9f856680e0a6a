BBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB

BBBBB BBBBB
   gettext(u'Link for')  
BBBBBBBB BBBBB
BBBBB BBBB
  XXXX XXXXXXXXXXXXXX XXXXXX
    XXXX gettext(u'Link for')  XXXXX
    XX XXXXXXXXXXXXX
      BB BBBBBBBBBBBB
         gettext(u'With this link you choose a new password. It was made at %(workplace)s.') 
          SSSS SSSS SSSS SSS SSSSSS S SSS SSSSSSSSS SS SSS SSSS SS SSSSSSSSSSSSSS
        
      BBBB
         gettext(u'With this link you come in as a member of %(workplace)s.') 
          SSSS SSSS SSSS SSS SSSS SS SS S SSSSSS SS SSSSSSSSSSSSSS
        
      BBBBB
    XXXX
    XXXX XXXXXXXXXXXXXXX
         XXXXXXXXXX
         XXXXXXXXXXXX gettext(u"The same link for a phone's camera") XXFFFFXXXXXX
    XX XXXXXXXXXXX XXXXXXXXXX
    XXX XXXXXXXXXXXXXX
      XXXX gettext(u'How often it works') XXXXX
      XXXX
         gettext(u'once') 
      XXXXX
      XXXX gettext(u'Valid until') XXXXX
      XXXX
        FFFFFFFFFFFF
      XXXXX
    XXXXX
    XX XXXXXXXXXXXXXXXXX gettext(u'The link is shown only this once. Print the page or hand it over now; if it gets lost, make a new one.') XXXX
    XX XXXXXXXXXXXXXX XXXXXXXXXX
      XX XXXXXXXXXXXXX XXXXXXX XXXXXXBBB BBBBBBBBB BBBBBBBBBBBBBBBBBXX gettext(u'Back to the team') XXXX
    XXXX
  XXXXXX
BBBBBBBB BBBB
